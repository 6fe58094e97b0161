-- After signing in, when the hash was made with parameters that are no longer ours.
UPDATE users
SET password_hash = $3
WHERE id = $1
    AND password_hash = $2;

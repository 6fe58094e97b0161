-- The password was right. $1: attempt; $2: token hash; $3: user; $4: the hash that was verified.
SELECT id, name, phone, role, created_at, expires_at
FROM end_sign_in($1, $2, $3, $4);

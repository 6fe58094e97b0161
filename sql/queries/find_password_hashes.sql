-- Which of these phones have accounts with a password, and its hash.
SELECT id, phone, password_hash
FROM users
WHERE phone_lost_at IS NULL
    AND phone = ANY (:phones::text[])
    AND password_hash IS NOT NULL;

-- Whose calendar an address is.
SELECT user_id
FROM calendars
WHERE secret_hash = :secret_hash;

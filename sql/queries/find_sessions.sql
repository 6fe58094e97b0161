-- The users of these tokens that are signed in, for one request or for many at once.
SELECT sessions.token_hash, sessions.expires_at, users.id, users.name, users.phone, users.role, users.created_at
FROM sessions
JOIN users ON users.id = sessions.user_id
WHERE sessions.token_hash = ANY ($1::bytea[])
    AND sessions.expires_at > now();

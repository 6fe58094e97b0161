-- The password was right: the attempt is no failure, and a session begins. Expired sessions go.
-- $1: attempt; $2: token hash; $3: user.
WITH no_failure AS (
    DELETE FROM sign_in_failures WHERE id = $1
),
expired AS (
    DELETE FROM sessions
    WHERE token_hash IN (
        SELECT token_hash FROM sessions WHERE expires_at < now() ORDER BY expires_at LIMIT 10
    )
),
begun AS (
    INSERT INTO sessions (token_hash, user_id)
    VALUES ($2, $3)
    RETURNING user_id, expires_at
)
SELECT users.id, users.name, users.phone, users.role, users.created_at, begun.expires_at
FROM begun
JOIN users ON users.id = begun.user_id;

-- The users of these tokens that are signed in, for one request or for many at once.
-- The statement is planned once: behind a SELECT the planner cannot count the tokens, and so it
-- does not make a plan for each number of them. LIMIT makes it use the primary key: among few
-- sessions it would otherwise read all that have not expired.
SELECT
    session.token_hash,
    session.expires_at,
    users.id,
    users.name,
    users.phone,
    users.role,
    users.created_at
FROM unnest((SELECT :token_hashes::bytea[])) AS given (token_hash)
CROSS JOIN LATERAL (
    SELECT *
    FROM sessions
    WHERE sessions.token_hash = given.token_hash
    LIMIT 1
) AS session
JOIN users ON users.id = session.user_id
WHERE session.expires_at > now();

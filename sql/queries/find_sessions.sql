-- The users of these tokens that are signed in, for one request or for many at once.
-- The statement is planned once: behind a SELECT the planner cannot count the tokens, and so it
-- does not make a plan for each number of them. LIMIT makes it use the primary key: among few
-- sessions it would otherwise read all that have not expired.
SELECT
    session.token_hash,
    session.id AS session_id,
    session.expires_at,
    session_seen_long_ago(session.last_seen_at) AS seen_long_ago,
    session_is_confirmed(session.confirmed_at) AS is_confirmed,
    session.second_factor_at IS NOT NULL AS gave_second_factor,
    session.awaits_second_factor,
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
WHERE users.disabled_at IS NULL
    AND session_ends_at(
        users.role, session.created_at, session.expires_at, session.last_seen_at
    ) > now();

-- A user's sessions that have not ended, the last used first. begin_session() keeps a hundred.
SELECT
    sessions.id,
    sessions.created_at,
    sessions.last_seen_at,
    abbrev(sessions.network) AS network,
    sessions.browser
FROM sessions
JOIN users ON users.id = sessions.user_id
WHERE sessions.user_id = :user_id
    AND session_ends_at(
        users.role, sessions.created_at, sessions.expires_at, sessions.last_seen_at
    ) > now()
ORDER BY sessions.last_seen_at DESC, sessions.id DESC
LIMIT 100;

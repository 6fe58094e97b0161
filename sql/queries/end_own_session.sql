-- One of the user's own sessions. One that is gone already must stay gone, too.
WITH ended AS (
    DELETE FROM sessions
    WHERE id = :session_id
        AND user_id = :user_id
    RETURNING id
)
SELECT
    EXISTS (SELECT FROM ended) AS ended,
    CASE
        WHEN NOT EXISTS (SELECT FROM ended) THEN wait_for_standby_at_commit()::text
    END AS waited;

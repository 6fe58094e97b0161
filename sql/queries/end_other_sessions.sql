-- All of a user's sessions but one. Those that are gone already must stay gone, too.
WITH ended AS (
    DELETE FROM sessions
    WHERE user_id = :user_id
        AND id IS DISTINCT FROM :session_id::bigint
    RETURNING id
)
SELECT wait_for_standby_at_commit()
WHERE NOT EXISTS (SELECT FROM ended);

-- Signing out. A session that is gone already must stay gone, too.
WITH ended AS (
    DELETE FROM sessions
    WHERE token_hash = :token_hash
    RETURNING token_hash
)
SELECT wait_for_standby_at_commit()
WHERE NOT EXISTS (SELECT FROM ended);

-- Signing out. A session that is gone already must stay gone, too.
WITH ended AS (
    DELETE FROM sessions
    WHERE token_hash = :token_hash
    RETURNING token_hash
)
SELECT stand_on_own_commit()
WHERE NOT EXISTS (SELECT FROM ended);

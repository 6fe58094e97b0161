-- The endpoints to which something is to be sent now, but those that a task is sending to.
SELECT id AS endpoint_id
FROM webhook_endpoints
WHERE disabled_at IS NULL
    AND id <> ALL (:busy::bigint[])
    AND EXISTS (
        SELECT
        FROM webhook_deliveries
        WHERE endpoint_id = webhook_endpoints.id AND next_attempt_at <= now()
    )
    AND NOT EXISTS (SELECT FROM fact_cursors WHERE paused)
LIMIT :limit;

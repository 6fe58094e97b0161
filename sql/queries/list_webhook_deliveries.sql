-- Deliveries to one webhook endpoint, pending and past, newest first.
SELECT
    id,
    'fact_' || source || '_' || source_id AS message_id,
    type,
    created_at,
    attempts,
    attempted_at,
    next_attempt_at,
    delivered_at,
    given_up_at,
    last_status,
    last_error
FROM webhook_deliveries
WHERE endpoint_id = :webhook_id
    AND (:after_id::bigint IS NULL OR id < :after_id)
ORDER BY id DESC
LIMIT :limit;

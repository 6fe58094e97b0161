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
FROM test_webhook_endpoint(:webhook_id, :actor_id);

SELECT
    changed.id,
    url,
    types,
    event_id,
    title AS event_title,
    previous_until,
    changed.created_at,
    failing_since,
    disabled_at,
    gone_at,
    webhook_secret_text(secret) AS secret
FROM rotate_webhook_secret(:webhook_id, :actor_id) AS changed
LEFT JOIN events ON events.id = event_id;

-- All webhook endpoints with the title of their event, the oldest first. Nobody has many.
SELECT
    webhook_endpoints.id,
    url,
    types,
    event_id,
    title AS event_title,
    previous_until,
    webhook_endpoints.created_at,
    failing_since,
    disabled_at,
    gone_at
FROM webhook_endpoints
LEFT JOIN events ON events.id = event_id
ORDER BY webhook_endpoints.id;

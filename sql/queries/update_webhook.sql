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
    gone_at
FROM update_webhook_endpoint(
    :webhook_id, :url, :types::text[], :event_id, :enabled, :actor_id
) AS changed
LEFT JOIN events ON events.id = event_id;

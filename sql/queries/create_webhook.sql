SELECT
    (created.endpoint).id,
    (created.endpoint).url,
    (created.endpoint).types,
    (created.endpoint).event_id,
    title AS event_title,
    (created.endpoint).previous_until,
    (created.endpoint).created_at,
    (created.endpoint).failing_since,
    (created.endpoint).disabled_at,
    (created.endpoint).gone_at,
    webhook_secret_text((created.endpoint).secret) AS secret,
    created.replayed
FROM create_webhook_endpoint_once(
    :url, :types::text[], :event_id, :actor_id, :idempotency_key
) AS created
LEFT JOIN events ON events.id = (created.endpoint).event_id;

SELECT
    (created.event).*,
    (created.event).id AS event_id,
    (created.event).tickets_available,
    (created.event).bookable,
    created.replayed
FROM create_event_once(:fields::jsonb, :actor_id, :idempotency_key) AS created;

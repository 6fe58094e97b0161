SELECT
    (created.event).*,
    (created.event).id AS event_id,
    (created.event).tickets_available,
    (created.event).bookable,
    (created.event).open_to_customers,
    closed_reason(created.event, false, now()) AS closed_reason,
    created.replayed
FROM create_event_once(:fields::jsonb, :actor_id, :idempotency_key) AS created;

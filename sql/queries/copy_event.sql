SELECT
    (copied.event).*,
    (copied.event).id AS event_id,
    (copied.event).tickets_available,
    (copied.event).bookable,
    (copied.event).open_to_customers,
    closed_reason(copied.event, false, now()) AS closed_reason,
    copied.replayed
FROM copy_event_once(:event_id, :dates::event_start[], :actor_id, :idempotency_key) AS copied;

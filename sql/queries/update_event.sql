-- :expected_version: the version that the edit is based on, or NULL.
SELECT
    event.*,
    event.id AS event_id,
    event.tickets_available,
    event.bookable,
    event.open_to_customers,
    closed_reason(event, false, now()) AS closed_reason
FROM update_event(:event_id, :fields::jsonb, :expected_version, :actor_id) AS event;

SELECT event.*, event.id AS event_id, event.tickets_available, event.bookable
FROM create_event(:fields::jsonb, :actor_id) AS event;

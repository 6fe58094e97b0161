-- $1: the event; $2: its fields; $3: the version the edit is based on, or NULL; $4: the admin.
SELECT event.*, event.id AS event_id, event.tickets_available, event.bookable
FROM update_event($1, $2::jsonb, $3, $4) AS event;

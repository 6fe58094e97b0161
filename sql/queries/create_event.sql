-- $1: the fields of the event; $2: the admin.
SELECT event.*, event.id AS event_id, event.tickets_available, event.bookable
FROM create_event($1::jsonb, $2) AS event;

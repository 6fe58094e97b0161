-- $1: the fields of the event; $2: the admin.
SELECT id
FROM create_event($1::jsonb, $2);

-- $1: the event; $2: its fields; $3: the version the edit is based on, or NULL; $4: the admin.
SELECT id
FROM update_event($1, $2::jsonb, $3, $4);

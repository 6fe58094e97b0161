-- $1: the fields of the user; $2: the admin.
SELECT id, name, phone, role, created_at
FROM create_user($1::jsonb, $2);

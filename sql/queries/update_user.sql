SELECT id, name, phone, role, created_at
FROM update_user($1, $2, $3, $4);

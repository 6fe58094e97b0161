SELECT id, name, phone, role, created_at
FROM sign_up($1, $2, $3);

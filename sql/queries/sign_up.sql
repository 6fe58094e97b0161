INSERT INTO users (name, phone, password_hash)
VALUES ($1, $2, $3)
RETURNING id, name, phone, role, created_at;

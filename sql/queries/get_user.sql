SELECT id, name, phone, role, created_at
FROM users
WHERE id = :user_id;

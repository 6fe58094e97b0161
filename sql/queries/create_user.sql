SELECT id, name, phone, role, created_at
FROM create_user(:fields::jsonb, :actor_id);

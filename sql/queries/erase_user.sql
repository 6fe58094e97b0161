SELECT id, name, phone, role, created_at
FROM erase_user(:user_id, :actor_id);

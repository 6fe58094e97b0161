SELECT id, name, phone, role, created_at
FROM update_user(:user_id, :name, :password_hash, :actor_id);

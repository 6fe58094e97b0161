SELECT create_user(:name, :phone, :role, :password_hash, :actor_id);

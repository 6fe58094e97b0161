SELECT update_user(:user_id, :name, :password_hash, :actor_id);

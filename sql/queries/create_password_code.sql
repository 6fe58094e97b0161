SELECT create_password_code(:user_id, :code_hash, :actor_id);

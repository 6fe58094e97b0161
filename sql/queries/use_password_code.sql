SELECT use_password_code(:user_id, :code_hash, :password_hash);

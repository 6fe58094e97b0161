SELECT name, phone FROM find_password_code(:user_id, :code_hash);

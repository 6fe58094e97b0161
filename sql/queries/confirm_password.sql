SELECT confirm_password(:attempt_id, :user_id, :password_hash);

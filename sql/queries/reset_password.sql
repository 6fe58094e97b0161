SELECT reset_password(:token_hash, :password_hash);

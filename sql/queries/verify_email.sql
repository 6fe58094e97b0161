SELECT verify_email(:token_hash);

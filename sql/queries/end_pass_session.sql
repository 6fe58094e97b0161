SELECT end_pass_session(:token_hash);

SELECT renew_session(:session_id, :user_id, :token_hash, :with_factor);

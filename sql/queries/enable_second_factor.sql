SELECT enable_second_factor(
    :user_id, :secret, :step, :code_hashes::bytea[], :session_id, :token_hash
);

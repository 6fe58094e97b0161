SELECT attempt_id, user_id, password_hash
FROM begin_sign_in($1, $2::inet);

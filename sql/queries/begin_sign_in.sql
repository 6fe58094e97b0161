SELECT attempt_id, user_id, password_hash
FROM begin_sign_in(:phone, :address::inet);

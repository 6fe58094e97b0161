SELECT attempt_id, user_id, phone, password_hash
FROM begin_sign_in(:account, :address::inet, :device_hash);

SELECT attempt_id, password_hash
FROM begin_confirmation(:user_id, :address::inet, :device_hash);

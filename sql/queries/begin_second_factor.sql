SELECT attempt_id, secret
FROM begin_second_factor(:user_id, :address::inet, :device_hash);

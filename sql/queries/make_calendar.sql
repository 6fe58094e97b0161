SELECT created_at
FROM make_calendar(:user_id, :secret_hash);

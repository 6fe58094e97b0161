SELECT end_user_sessions(:user_id, :actor_id);

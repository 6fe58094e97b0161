SELECT remove_second_factor(:user_id, :actor_id);

SELECT replay_facts(:webhook_id, :from_time, :to_time, :actor_id);

SELECT *
FROM check_in_ticket(:code, :event_id, :actor_id);

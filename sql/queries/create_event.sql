SELECT id
FROM create_event(:fields::jsonb, :actor_id);

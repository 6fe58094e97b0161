-- :expected_version: the version that the edit is based on, or NULL.
SELECT id
FROM update_event(:event_id, :fields::jsonb, :expected_version, :actor_id);

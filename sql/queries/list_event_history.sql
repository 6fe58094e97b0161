-- What was edited of an event, the newest first. :after_version NULL: from the newest on.
SELECT version, at, actor_id, actor_name, was, became
FROM event_history
WHERE event_id = :event_id
    AND version < coalesce(:after_version::integer, 2147483647)
ORDER BY version DESC
LIMIT :limit;

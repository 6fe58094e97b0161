-- What was written to the guests of an event, newest first.
SELECT
    event_messages.id,
    event_messages.text,
    event_messages.people,
    event_messages.at,
    event_messages.actor_id,
    users.name AS actor_name
FROM event_messages
LEFT JOIN users ON users.id = event_messages.actor_id
WHERE event_messages.event_id = :event_id
    AND event_messages.id < coalesce(:after_id::bigint, 9223372036854775807)
ORDER BY event_messages.id DESC
LIMIT :limit;

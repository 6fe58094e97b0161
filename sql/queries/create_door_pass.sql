-- No row: the event is over.
SELECT
    token.id,
    token.name,
    token.scopes::text[] AS scopes,
    token.is_pass,
    token.event_id,
    events.title AS event_title,
    token.user_id,
    users.name AS user_name,
    token.created_at,
    token_expires_at(token, events) AS expires_at,
    token.revoked_at,
    token.last_used_on,
    token_usable(token, users, events) AS usable
FROM create_door_pass(:token_hash, :event_id, :name, :actor_id) AS token
JOIN users ON users.id = token.user_id
JOIN events ON events.id = token.event_id;

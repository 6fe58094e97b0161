-- The API tokens and door passes for one event, the newest first.
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
FROM api_tokens AS token
JOIN users ON users.id = token.user_id
JOIN events ON events.id = token.event_id
WHERE token.event_id = :event_id
    AND token.id < coalesce(:after_id::bigint, 9223372036854775807)
ORDER BY token.id DESC
LIMIT :limit;

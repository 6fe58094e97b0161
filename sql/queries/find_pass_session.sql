-- The door pass that opened this session, if it may be used now, with the admin for whom it acts.
SELECT
    api_tokens.id AS token_id,
    api_tokens.name AS token_name,
    api_tokens.scopes::text[] AS scopes,
    api_tokens.event_id,
    api_tokens.is_pass,
    token_expires_at(api_tokens, events) AS expires_at,
    api_tokens.last_used_on IS NOT DISTINCT FROM timezone('UTC', now())::date AS used_today,
    users.id,
    users.name,
    users.phone,
    users.role,
    users.created_at
FROM pass_sessions
JOIN api_tokens ON api_tokens.id = pass_sessions.pass_id
JOIN users ON users.id = api_tokens.user_id
JOIN events ON events.id = api_tokens.event_id
WHERE pass_sessions.token_hash = :token_hash
    AND token_usable(api_tokens, users, events);

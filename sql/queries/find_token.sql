-- The API token with this hash, if it may be used now, with the admin for whom it acts.
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
FROM api_tokens
JOIN users ON users.id = api_tokens.user_id
LEFT JOIN events ON events.id = api_tokens.event_id
WHERE api_tokens.token_hash = :token_hash
    AND NOT api_tokens.is_pass
    AND token_usable(api_tokens, users, events);

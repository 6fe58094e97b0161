SELECT
    (sent.message).id,
    (sent.message).text,
    (sent.message).people,
    (sent.message).at,
    (sent.message).actor_id,
    (SELECT name FROM users WHERE id = (sent.message).actor_id) AS actor_name,
    sent.replayed
FROM send_event_message(:event_id, :text, :idempotency_key, :actor_id) AS sent;

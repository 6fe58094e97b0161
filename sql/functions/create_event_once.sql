-- create_event_once: an admin puts an event on sale, and a repeated request makes no second event.

CREATE FUNCTION create_event_once(
    p_fields jsonb,
    p_actor_id bigint,
    p_idempotency_key text
)
RETURNS TABLE (event events, replayed boolean)
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
#variable_conflict use_column
DECLARE
    v_hash constant bytea := sha256(convert_to(p_fields::text, 'UTF8'));
    v_earlier event_creations;
    v_event events;
BEGIN
    PERFORM require_admin(p_actor_id);
    IF p_idempotency_key IS NULL THEN
        RETURN QUERY SELECT created, false FROM create_event(p_fields, p_actor_id) AS created;
        RETURN;
    END IF;
    -- Of two requests at once with one key, the second waits here and then finds the event.
    PERFORM pg_advisory_xact_lock(hashtextextended(p_actor_id || ' ' || p_idempotency_key, 0));
    SELECT event_creations.*
    INTO v_earlier
    FROM event_creations
    WHERE actor_id = p_actor_id
        AND idempotency_key = p_idempotency_key;
    IF v_earlier.event_id IS NULL THEN
        v_event := create_event(p_fields, p_actor_id);
        INSERT INTO event_creations (actor_id, idempotency_key, event_id, request_hash)
        VALUES (p_actor_id, p_idempotency_key, v_event.id, v_hash);
    ELSIF v_earlier.request_hash <> v_hash THEN
        PERFORM raise_problem('TK007');
    ELSE
        PERFORM stand_on_own_commit();
        SELECT events.* INTO v_event FROM events WHERE id = v_earlier.event_id;
    END IF;
    RETURN QUERY SELECT v_event, v_earlier.event_id IS NOT NULL;
END;
$$;
COMMENT ON FUNCTION create_event_once IS
    'Creates an event as create_event() does and returns it. A request with the same key by the '
    'same admin returns the event as it is now, and replayed is true. p_idempotency_key NULL: the '
    'request has no key. Raises TK007 when the key made an event from other fields, and what '
    'create_event() raises.';

-- create_event_once: an admin puts an event on sale, and a repeated request makes no second event.

CREATE FUNCTION events_made_with_key(
    p_actor_id bigint,
    p_idempotency_key text,
    p_request_hash bytea
)
RETURNS bigint[]
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_event_ids bigint[];
    v_same boolean;
BEGIN
    -- Of two requests at once with one key, the second waits here and then finds the events.
    PERFORM pg_advisory_xact_lock(hashtextextended(p_actor_id || ' ' || p_idempotency_key, 0));
    SELECT array_agg(event_id ORDER BY event_id), bool_and(request_hash = p_request_hash)
    INTO v_event_ids, v_same
    FROM event_creations
    WHERE actor_id = p_actor_id
        AND idempotency_key = p_idempotency_key;
    IF NOT v_same THEN
        PERFORM raise_problem('TK007');
    END IF;
    RETURN v_event_ids;
END;
$$;
COMMENT ON FUNCTION events_made_with_key IS
    'For create_event_once and copy_event_once: the events that a request with this key made, in '
    'the order in which it made them. NULL: there was no such request, and there will be none '
    'before this transaction ends. Raises TK007 when it was another request.';

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
    v_event_ids bigint[];
    v_event events;
BEGIN
    PERFORM require_admin(p_actor_id);
    IF p_idempotency_key IS NULL THEN
        RETURN QUERY SELECT created, false FROM create_event(p_fields, p_actor_id) AS created;
        RETURN;
    END IF;
    v_event_ids := events_made_with_key(p_actor_id, p_idempotency_key, v_hash);
    IF v_event_ids IS NULL THEN
        v_event := create_event(p_fields, p_actor_id);
        INSERT INTO event_creations (actor_id, idempotency_key, event_id, request_hash)
        VALUES (p_actor_id, p_idempotency_key, v_event.id, v_hash);
    ELSE
        PERFORM wait_for_standby_at_commit();
        SELECT events.* INTO v_event FROM events WHERE id = v_event_ids[1];
    END IF;
    RETURN QUERY SELECT v_event, v_event_ids IS NOT NULL;
END;
$$;
COMMENT ON FUNCTION create_event_once IS
    'Creates an event as create_event() does and returns it. A request with the same key by the '
    'same admin returns the event as it is now, and replayed is true. p_idempotency_key NULL: the '
    'request has no key. Raises TK007 when the key made other events, and what '
    'create_event() raises.';

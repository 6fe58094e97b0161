-- A request to create an event may carry an idempotency key: repeating it makes no second event.
-- depends: 0032_read_scanned_ticket_codes

CREATE TABLE event_creations (
    actor_id        bigint           NOT NULL,
    idempotency_key text COLLATE "C" NOT NULL,
    event_id        bigint           NOT NULL,
    request_hash    bytea            NOT NULL,
    CONSTRAINT event_creations_pkey PRIMARY KEY (actor_id, idempotency_key),
    CONSTRAINT event_creations_actor_id_fkey
        FOREIGN KEY (actor_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT event_creations_event_id_fkey
        FOREIGN KEY (event_id) REFERENCES events (id) ON DELETE CASCADE,
    CONSTRAINT event_creations_idempotency_key_visible_ascii CHECK (
        char_length(idempotency_key) BETWEEN 1 AND 64 AND idempotency_key !~ '[^!-~]'
    )
);

COMMENT ON TABLE event_creations IS
    'Events that were made with an idempotency key. Written by create_event_once().';
COMMENT ON COLUMN event_creations.actor_id IS 'The admin whose key it is.';
COMMENT ON COLUMN event_creations.idempotency_key IS
    'Chosen by the client and unique for the admin: a request with the same key returns this '
    'event.';
COMMENT ON COLUMN event_creations.event_id IS 'The event that the request made.';
COMMENT ON COLUMN event_creations.request_hash IS
    'SHA-256 of the fields that were asked for: a request with other fields may not use this key.';

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

GRANT EXECUTE ON FUNCTION create_event_once TO ticketing_api;

-- send_event_message: an admin writes to the guests of an event, once. The message, its line in
-- the log and the notices are written in one transaction.

CREATE FUNCTION preview_event_message(
    p_event_id bigint,
    p_text text
)
RETURNS TABLE (text text, people bigint, tickets integer)
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    SELECT
        notice_text(
            jsonb_populate_record(
                NULL::notices,
                jsonb_build_object(
                    'kind', 'event-message',
                    'event_id', id,
                    'detail', jsonb_build_object('text', p_text)
                )
            )
        ),
        (SELECT count(*) FROM guests_at(id, clock_timestamp())),
        tickets_sold
    FROM events
    WHERE id = p_event_id;
$$;
COMMENT ON FUNCTION preview_event_message IS
    'The text that the guests of an event would read if this message was sent now, how many people '
    'that are, and how many tickets they hold: none once the event is cancelled. Returns no row '
    'when the event is unknown.';

CREATE FUNCTION send_event_message(
    p_event_id bigint,
    p_text text,
    p_idempotency_key text,
    p_actor_id bigint
)
RETURNS TABLE (message event_messages, replayed boolean)
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_at timestamptz;
    v_guests bigint[];
    v_message event_messages;
BEGIN
    PERFORM require_admin(p_actor_id);
    IF NOT EXISTS (SELECT FROM events WHERE id = p_event_id) THEN
        PERFORM raise_problem('TK002');
    END IF;
    v_at := clock_timestamp();
    v_guests := ARRAY(SELECT guests_at(p_event_id, v_at));
    -- Of two requests at once with one key, the second waits here and then finds the message.
    INSERT INTO event_messages (event_id, actor_id, idempotency_key, text, people, at)
    VALUES (p_event_id, p_actor_id, p_idempotency_key, p_text, cardinality(v_guests), v_at)
    ON CONFLICT ON CONSTRAINT event_messages_one_per_idempotency_key DO NOTHING
    RETURNING * INTO v_message;
    IF v_message.id IS NULL THEN
        SELECT event_messages.*
        INTO v_message
        FROM event_messages
        WHERE actor_id IS NOT DISTINCT FROM p_actor_id
            AND idempotency_key = p_idempotency_key;
        IF (v_message.event_id, v_message.text) <> (p_event_id, p_text) THEN
            PERFORM raise_problem('TK007');
        END IF;
        PERFORM wait_for_standby_at_commit();
        RETURN QUERY SELECT v_message, true;
        RETURN;
    END IF;
    INSERT INTO activity (actor_id, action, event_id, detail)
    VALUES (
        p_actor_id,
        'event-message-sent',
        p_event_id,
        jsonb_build_object('message_id', v_message.id, 'people', v_message.people)
            || CASE
                WHEN p_actor_id IS NULL THEN jsonb_build_object('login', session_user)
                ELSE '{}'
            END
    );
    PERFORM tell_customers(
        ARRAY(
            SELECT
                ROW(
                    NULL,
                    guest,
                    'event-message',
                    p_event_id,
                    NULL,
                    'message/' || v_message.id,
                    jsonb_build_object('text', p_text),
                    v_at,
                    NULL
                )::notices
            FROM unnest(v_guests) AS guest
        )
    );
    RETURN QUERY SELECT v_message, false;
END;
$$;
COMMENT ON FUNCTION send_event_message IS
    'Tells all guests of an event what an admin has written, and returns the message. A request '
    'with the same key by the same admin sends nothing and returns the message as it was sent, and '
    'replayed is true. Raises TK002 when the event is unknown, TK007 when the key sent another '
    'message, TK020 when the actor is not an admin.';

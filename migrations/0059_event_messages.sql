-- Messages to the guests of an event, notices that are marked as read, and what guests will be told
-- of an edit before it is saved.
-- depends: 0058_add_event_message_action

CREATE TABLE event_messages (
    id              bigint           GENERATED ALWAYS AS IDENTITY,
    event_id        bigint           NOT NULL,
    actor_id        bigint,                    -- NULL: nobody signed in, sent in psql
    idempotency_key text COLLATE "C" NOT NULL,
    text            text             NOT NULL,
    people          integer          NOT NULL,
    at              timestamptz      NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT event_messages_pkey PRIMARY KEY (id),
    CONSTRAINT event_messages_one_per_idempotency_key
        UNIQUE NULLS NOT DISTINCT (actor_id, idempotency_key),
    CONSTRAINT event_messages_idempotency_key_visible_ascii CHECK (
        char_length(idempotency_key) BETWEEN 1 AND 64 AND idempotency_key !~ '[^!-~]'
    ),
    CONSTRAINT event_messages_text_not_blank CHECK (NOT is_blank(text)),
    CONSTRAINT event_messages_text_within_1000 CHECK (char_length(text) <= 1000),
    CONSTRAINT event_messages_text_no_control_characters CHECK (
        NOT has_control_characters(translate(text, E'\n', ''))
    ),
    CONSTRAINT event_messages_people_not_negative CHECK (people >= 0)
);

COMMENT ON TABLE event_messages IS
    'Append-only: what admins wrote to the guests of an event. Written by send_event_message().';
COMMENT ON COLUMN event_messages.event_id IS 'The event whose guests were told.';
COMMENT ON COLUMN event_messages.actor_id IS
    'The admin who sent it. NULL: nobody signed in, it was sent in psql.';
COMMENT ON COLUMN event_messages.idempotency_key IS
    'Chosen by the client and unique for the admin: a request with the same key sends nothing '
    'more.';
COMMENT ON COLUMN event_messages.text IS
    'As it was written. Guests read the title of the event before it.';
COMMENT ON COLUMN event_messages.people IS 'How many guests were told.';
COMMENT ON COLUMN event_messages.at IS 'When it was sent.';

CREATE TRIGGER event_messages_are_append_only
BEFORE UPDATE OR DELETE ON event_messages
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_unless_repairing('event_messages is append-only');
COMMENT ON TRIGGER event_messages_are_append_only ON event_messages IS
    'Nobody rewrites what guests were told.';

CREATE TRIGGER event_messages_are_never_truncated
BEFORE TRUNCATE ON event_messages
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('event_messages is append-only');
COMMENT ON TRIGGER event_messages_are_never_truncated ON event_messages IS
    'Nobody empties the record of messages.';

COMMENT ON TABLE activity IS
    'Append-only log: events created, edited, cancelled, completed; bookings cancelled; tickets '
    'admitted; users created or changed by an admin; messages sent to guests. A sale is its '
    'booking row. One partition a month; to delete an old month, drop its partition.';

CREATE OR REPLACE FUNCTION webhook_types()
RETURNS text[]
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN ARRAY[
    'booking.confirmed', 'booking.cancelled', 'ticket.admitted', 'event.created', 'event.changed',
    'event.cancelled', 'event.completed', 'event.message-sent', 'user.created', 'user.changed',
    'customer.notice'
];
COMMENT ON FUNCTION webhook_types IS 'The types of messages that a webhook endpoint can ask for.';

CREATE OR REPLACE VIEW facts AS
SELECT
    'booking' AS source,
    id,
    written_in,
    booking_date AS at,
    'booking.confirmed' AS type,
    event_id,
    id AS booking_id,
    user_id,
    jsonb_build_object(
        'booking_id', id,
        'event_id', event_id,
        'user_id', user_id,
        'booked_by', booked_by,
        'quantity', quantity,
        'unit_price', unit_price::text,
        'total_amount', total_amount::text
    ) AS data
FROM bookings
UNION ALL
SELECT
    'activity',
    id,
    written_in,
    at,
    CASE action
        WHEN 'event-created' THEN 'event.created'
        WHEN 'event-edited' THEN 'event.changed'
        WHEN 'event-cancelled' THEN 'event.cancelled'
        WHEN 'event-completed' THEN 'event.completed'
        WHEN 'booking-cancelled' THEN 'booking.cancelled'
        WHEN 'ticket-admitted' THEN 'ticket.admitted'
        WHEN 'user-created' THEN 'user.created'
        WHEN 'user-changed' THEN 'user.changed'
        WHEN 'event-message-sent' THEN 'event.message-sent'
    END,
    event_id,
    booking_id,
    user_id,
    jsonb_strip_nulls(
        jsonb_build_object(
            'actor_id', actor_id,
            'event_id', event_id,
            'booking_id', booking_id,
            'ticket_id', ticket_id,
            'user_id', user_id,
            'quantity', detail -> 'quantity',
            'total_amount', detail -> 'total_amount',
            'bookings_cancelled', detail -> 'bookings_cancelled',
            'tickets_cancelled', detail -> 'tickets_cancelled',
            'message_id', detail -> 'message_id',
            'people', detail -> 'people'
        )
    ) || CASE
        WHEN event_id IS NULL OR detail -> 'was' IS NULL THEN '{}'
        ELSE jsonb_build_object(
            'was', public_changes(detail -> 'was'),
            'became', public_changes(detail -> 'became')
        )
    END
FROM activity;

CREATE OR REPLACE FUNCTION changes_for_people(p_became jsonb)
RETURNS text
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN concat_ws(
    ' ',
    'It now begins on ' || date_for_people((p_became ->> 'local_date_time')::timestamp) || '.',
    'It now takes place at ' || (p_became ->> 'venue') || '.',
    'The address is now ' || (p_became ->> 'address') || '.',
    'The doors now open at ' || (p_became ->> 'doors_open') || '.',
    'It now ends at ' || (p_became ->> 'end_time') || '.',
    'Guests must now be at least ' || (p_became ->> 'minimum_age') || ' years old.',
    'About access: ' || (p_became ->> 'access_note'),
    CASE
        WHEN coalesce(
            p_became ->> 'local_date_time', p_became ->> 'venue', p_became ->> 'address'
        ) IS NOT NULL
            THEN 'You can cancel your booking until it begins.'
    END
);
COMMENT ON FUNCTION changes_for_people IS
    'Says in sentences what guests must know of a changed event, and of one that moved, that they '
    'can cancel. A field that was emptied is not told.';

CREATE FUNCTION mark_notices_read(
    p_user_id bigint,
    p_first_id bigint,
    p_last_id bigint
)
RETURNS SETOF notices
LANGUAGE sql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    UPDATE notices
    SET read_at = clock_timestamp()
    WHERE user_id = p_user_id
        AND id BETWEEN p_first_id AND p_last_id
        AND read_at IS NULL
    RETURNING *;
$$;
COMMENT ON FUNCTION mark_notices_read IS
    'Marks the unread notices of a customer from p_first_id to p_last_id as read, and returns '
    'them. A notice that comes later stays unread.';

CREATE FUNCTION preview_event_message(
    p_event_id bigint,
    p_text text
)
RETURNS TABLE (text text, people bigint)
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
        (SELECT count(*) FROM guests_at(id, clock_timestamp()))
    FROM events
    WHERE id = p_event_id;
$$;
COMMENT ON FUNCTION preview_event_message IS
    'The text that the guests of an event would read if this message was sent now, and how many '
    'people that are. Returns no row when the event is unknown.';

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

CREATE FUNCTION preview_event_update(
    p_event_id bigint,
    p_fields jsonb
)
RETURNS TABLE (people bigint, tickets integer, text text)
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_was events;
    v_new events;
    v_fact facts;
    v_notice notices;
BEGIN
    PERFORM require_editable_fields(p_fields);
    SELECT events.* INTO v_was FROM events WHERE id = p_event_id;
    IF v_was.id IS NULL THEN
        PERFORM raise_problem('TK002');
    END IF;
    v_new := jsonb_populate_record(v_was, p_fields);
    IF NOT p_fields ? 'local_date_time' AND p_fields ?| ARRAY['date_time', 'time_zone'] THEN
        v_new.local_date_time := timezone(
            usable_time_zone(v_new.time_zone, utc_offset(v_was)), v_new.date_time
        );
    END IF;
    v_fact.type := 'event.changed';
    SELECT jsonb_build_object('became', coalesce(jsonb_object_agg(key, became), '{}'))
    INTO v_fact.data
    FROM jsonb_each(editable_fields(v_new)) AS field (key, became)
    WHERE became <> editable_fields(v_was) -> key;
    IF NOT tells_guests(v_fact) THEN
        RETURN QUERY SELECT 0::bigint, 0, NULL::text;
        RETURN;
    END IF;
    v_notice.kind := 'event-changed';
    v_notice.event_id := p_event_id;
    v_notice.detail := v_fact.data;
    RETURN QUERY
    SELECT count(*), v_was.tickets_sold, notice_text(v_notice)
    FROM guests_at(p_event_id, clock_timestamp());
END;
$$;
COMMENT ON FUNCTION preview_event_update IS
    'How many people with how many tickets are told if these fields are saved now, and in which '
    'words. Nobody and NULL: guests are not told of such a change. Raises TK002 when the event is '
    'unknown.';

GRANT EXECUTE ON FUNCTION mark_notices_read TO ticketing_api;
GRANT SELECT ON event_messages TO ticketing_api;
GRANT EXECUTE ON FUNCTION send_event_message TO ticketing_api;
GRANT EXECUTE ON FUNCTION preview_event_message TO ticketing_api;
GRANT EXECUTE ON FUNCTION preview_event_update TO ticketing_api;

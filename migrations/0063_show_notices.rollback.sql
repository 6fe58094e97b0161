-- Takes 0063_show_notices back.

DROP FUNCTION preview_event_update;

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

DROP FUNCTION preview_event_message;

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

DROP FUNCTION mark_notices_read;

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

CREATE FUNCTION changes_for_people(p_became jsonb)
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
COMMENT ON FUNCTION changes_for_people(jsonb) IS
    'Says in sentences what guests must know of a changed event, and of one that moved, that they '
    'can cancel. A field that was emptied is not told.';

CREATE OR REPLACE FUNCTION notice_text(p_notice notices)
RETURNS text
LANGUAGE sql
STABLE
SET search_path = public, pg_temp
RETURN (
    SELECT
        CASE p_notice.kind
            WHEN 'booking-confirmed' THEN format(
                'Booking %s is confirmed: %s for %s, %s, %s.',
                p_notice.booking_id,
                CASE p_notice.detail ->> 'quantity'
                    WHEN '1' THEN '1 ticket'
                    ELSE (p_notice.detail ->> 'quantity') || ' tickets'
                END,
                title,
                date_for_people(local_date_time),
                venue
            )
            WHEN 'booking-cancelled' THEN format(
                'Booking %s for %s was cancelled%s.',
                p_notice.booking_id,
                title,
                CASE
                    WHEN (p_notice.detail ->> 'actor_id')::bigint = p_notice.user_id
                        THEN ' as you asked'
                    ELSE ' by the organiser'
                END
            )
            WHEN 'event-changed' THEN concat_ws(
                ' ', title || ' has changed.', changes_for_people(p_notice.detail -> 'became')
            )
            WHEN 'event-cancelled' THEN concat_ws(
                ' ',
                format('%s on %s is cancelled.', title, date_for_people(local_date_time)),
                cancellation_reason
            )
            WHEN 'event-message' THEN format('%s: %s', title, p_notice.detail ->> 'text')
            WHEN 'event-reminder' THEN format(
                '%s begins on %s, %s.', title, date_for_people(local_date_time), venue
            )
        END
    FROM events
    WHERE id = p_notice.event_id
);
COMMENT ON FUNCTION notice_text IS
    'What a notice says, in one to a few sentences of plain text: the app, mails and text messages '
    'all show it.';

DROP FUNCTION changes_for_people(jsonb, jsonb);
DROP FUNCTION changed_to;
REVOKE EXECUTE ON FUNCTION date_for_people FROM PUBLIC;
GRANT EXECUTE ON FUNCTION mark_notices_read TO ticketing_api;
GRANT EXECUTE ON FUNCTION preview_event_message TO ticketing_api;
GRANT EXECUTE ON FUNCTION preview_event_update TO ticketing_api;

COMMENT ON INDEX notices_unread IS 'For mark_notices_read. Partial: most are read.';

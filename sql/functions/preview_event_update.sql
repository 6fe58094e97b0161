-- preview_event_update: whom an edit concerns, before it is saved, and what they will be told. The
-- words are those of the notice itself.

CREATE FUNCTION preview_event_update(
    p_event_id bigint,
    p_fields jsonb
)
RETURNS TABLE (
    people bigint,
    bookings integer,
    tickets integer,
    text text,
    cancellable_until timestamptz,
    sale_starts_at timestamptz,
    sale_ends_at timestamptz
)
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
    v_new := jsonb_populate_record(v_was, with_sale_times(v_was, p_fields));
    IF NOT p_fields ? 'local_date_time' AND p_fields ?| ARRAY['date_time', 'time_zone'] THEN
        v_new.local_date_time := timezone(
            usable_time_zone(v_new.time_zone, utc_offset(v_was)), v_new.date_time
        );
    END IF;
    IF v_new.date_time <> v_was.date_time AND v_new.date_time <= now() THEN
        PERFORM raise_problem('TK015');
    END IF;
    v_fact.type := 'event.changed';
    SELECT
        jsonb_build_object(
            'was', coalesce(jsonb_object_agg(key, editable_fields(v_was) -> key), '{}'),
            'became', coalesce(jsonb_object_agg(key, became), '{}')
        )
    INTO v_fact.data
    FROM jsonb_each(editable_fields(v_new)) AS field (key, became)
    WHERE became <> editable_fields(v_was) -> key;
    IF NOT tells_guests(v_fact) THEN
        RETURN QUERY
        SELECT
            0::bigint,
            0,
            0,
            NULL::text,
            NULL::timestamptz,
            v_new.sale_starts_at::timestamptz,
            v_new.sale_ends_at::timestamptz;
        RETURN;
    END IF;
    v_notice.kind := 'event-changed';
    v_notice.event_id := p_event_id;
    v_notice.detail := v_fact.data;
    RETURN QUERY
    SELECT
        count(*),
        v_was.bookings_count,
        v_was.tickets_sold,
        notice_text(v_notice),
        v_new.date_time::timestamptz,
        v_new.sale_starts_at::timestamptz,
        v_new.sale_ends_at::timestamptz
    FROM guests_at(p_event_id, clock_timestamp());
END;
$$;
COMMENT ON FUNCTION preview_event_update IS
    'How many people with how many bookings and tickets are told if these fields are saved now, in '
    'which words, and until when they can cancel: until the event begins. Nobody and NULL: guests '
    'are not told of such a change. sale_starts_at and sale_ends_at: as they will be. Raises TK002 '
    'when the event is unknown, TK015 when it would move into the past.';

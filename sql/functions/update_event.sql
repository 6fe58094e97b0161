-- update_event: an admin edits an event or ends it. Cancelling cancels its bookings and unused
-- tickets in the same transaction; with very many bookings that takes seconds, and callers
-- need a statement_timeout to match (240,000 bookings: about 15 s).

CREATE FUNCTION editable_fields(p_event events)
RETURNS jsonb
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN jsonb_build_object(
    'title', p_event.title,
    'description', p_event.description,
    'venue', p_event.venue,
    -- As an instant in UTC, whatever the session's time zone.
    'date_time', to_char(timezone('UTC', p_event.date_time), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'time_zone', p_event.time_zone,
    'capacity', p_event.capacity,
    'price', p_event.price::text,
    'max_tickets_per_booking', p_event.max_tickets_per_booking,
    'status', p_event.status
);
COMMENT ON FUNCTION editable_fields(events) IS 'For update_event: what of an event can be edited, as the activity log shows it.';

CREATE FUNCTION cancel_bookings_of_event(p_event_id bigint)
RETURNS jsonb
LANGUAGE plpgsql
VOLATILE
AS $$
DECLARE
    v_bookings integer;
    v_tickets integer;
BEGIN
    PERFORM FROM bookings WHERE event_id = p_event_id AND status = 'confirmed' ORDER BY id FOR NO KEY UPDATE;
    UPDATE tickets
    SET status = 'cancelled'
    FROM bookings
    WHERE bookings.id = tickets.booking_id
        AND bookings.event_id = p_event_id
        AND bookings.status = 'confirmed'
        AND tickets.status = 'active';
    GET DIAGNOSTICS v_tickets = ROW_COUNT;
    UPDATE bookings
    SET status = 'cancelled',
        cancelled_at = greatest(now(), booking_date)
    WHERE event_id = p_event_id
        AND status = 'confirmed';
    GET DIAGNOSTICS v_bookings = ROW_COUNT;
    RETURN jsonb_build_object('bookings_cancelled', v_bookings, 'tickets_cancelled', v_tickets);
END;
$$;
COMMENT ON FUNCTION cancel_bookings_of_event(bigint) IS 'For update_event: cancels all confirmed bookings of an event, and their unused tickets, and says how many.';
REVOKE EXECUTE ON FUNCTION cancel_bookings_of_event(bigint) FROM PUBLIC;

CREATE FUNCTION update_event(
    p_event_id bigint,
    p_title text,
    p_description text,
    p_venue text,
    p_date_time timestamptz,
    p_time_zone text,
    p_capacity integer,
    p_price numeric,
    p_max_tickets_per_booking integer,
    p_status event_status,
    p_expected_version integer,
    p_actor_id bigint
)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_was events;
    v_became events;
    v_old jsonb;
    v_new jsonb;
    v_detail jsonb := '{}';
BEGIN
    SELECT events.* INTO v_was FROM events WHERE id = p_event_id FOR NO KEY UPDATE;
    IF v_was.id IS NULL THEN
        PERFORM raise_problem('TK002');
    ELSIF v_was.version <> p_expected_version THEN
        PERFORM raise_problem('TK018', jsonb_build_object('version', v_was.version));
    END IF;

    v_became := v_was;
    v_became.title := p_title;
    v_became.description := p_description;
    v_became.venue := p_venue;
    v_became.date_time := p_date_time;
    v_became.time_zone := p_time_zone;
    v_became.capacity := p_capacity;
    v_became.price := p_price;
    v_became.max_tickets_per_booking := p_max_tickets_per_booking;
    v_became.status := p_status;
    v_old := editable_fields(v_was);
    v_new := editable_fields(v_became);
    IF v_old = v_new THEN
        RETURN;
    END IF;

    IF v_was.status <> 'active' THEN
        PERFORM raise_problem('TK013', jsonb_build_object('event_status', v_was.status));
    ELSIF p_capacity < v_was.tickets_sold THEN
        PERFORM raise_problem('TK014', jsonb_build_object('tickets_sold', v_was.tickets_sold));
    ELSIF v_became.date_time <> v_was.date_time AND v_became.date_time <= now() THEN
        PERFORM raise_problem('TK015');
    END IF;

    -- Bookings first: the update of the event locks shared rows of event_words.
    IF p_status = 'cancelled' THEN
        v_detail := cancel_bookings_of_event(p_event_id);
    END IF;
    UPDATE events
    SET title = v_became.title,
        description = v_became.description,
        venue = v_became.venue,
        date_time = v_became.date_time,
        time_zone = v_became.time_zone,
        capacity = v_became.capacity,
        price = v_became.price,
        max_tickets_per_booking = v_became.max_tickets_per_booking,
        status = v_became.status,
        version = version + 1,
        updated_at = now()
    WHERE id = p_event_id;
    INSERT INTO activity (actor_id, action, event_id, detail)
    SELECT
        p_actor_id,
        CASE p_status
            WHEN 'active' THEN 'event-edited'::activity_action
            WHEN 'cancelled' THEN 'event-cancelled'
            WHEN 'completed' THEN 'event-completed'
        END,
        p_event_id,
        v_detail || jsonb_build_object('was', jsonb_object_agg(key, v_old -> key), 'became', jsonb_object_agg(key, v_new -> key))
    FROM jsonb_object_keys(v_old) AS key
    WHERE v_old -> key <> v_new -> key;
END;
$$;
COMMENT ON FUNCTION update_event(bigint, text, text, text, timestamptz, text, integer, numeric, integer, event_status, integer, bigint) IS 'Edits an event; all fields are given. p_expected_version: refuse (TK018) when somebody edited it since; NULL: do not look. Raises TK002 unknown, TK013 no longer active, TK014 capacity below tickets sold, TK015 moved into the past. Status cancelled cancels its bookings and unused tickets. A new price touches no existing booking. Changing nothing raises no version.';
REVOKE EXECUTE ON FUNCTION update_event(bigint, text, text, text, timestamptz, text, integer, numeric, integer, event_status, integer, bigint) FROM PUBLIC;

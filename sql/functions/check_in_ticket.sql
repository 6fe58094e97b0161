-- check_in_ticket: a ticket admits once, even if two scanners read it at the same time. The
-- triggers on tickets set the time, count, and write the log.

CREATE FUNCTION ticket_code_meant(p_typed text)
RETURNS text
LANGUAGE sql
STABLE
SET search_path = public, pg_temp
AS $$
    WITH reading AS (
        SELECT
            code,
            place,
            EXISTS (SELECT FROM tickets WHERE ticket_code = code) AS is_ticket
        FROM unnest(ticket_code_readings(p_typed)) WITH ORDINALITY AS typed (code, place)
    )
    SELECT CASE
        WHEN count(*) FILTER (WHERE is_ticket) < 2
            THEN (array_agg(code ORDER BY is_ticket DESC, place))[1]
    END
    FROM reading;
$$;
COMMENT ON FUNCTION ticket_code_meant IS
    'The ticket code that was typed or scanned: of its readings the one that a ticket has, or else '
    'the first. NULL when the text cannot be a ticket code, or two tickets fit.';

CREATE FUNCTION check_in_ticket(
    p_code text,
    p_event_id bigint,
    p_actor_id bigint
)
RETURNS TABLE (
    ticket_id bigint,
    ticket_code text,
    used_at timestamptz,
    booking_id bigint,
    booking_quantity integer,
    customer_name text,
    event_id bigint,
    event_title text,
    event_tickets_sold integer,
    event_tickets_checked_in integer
)
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
#variable_conflict use_column
DECLARE
    v_code constant text := ticket_code_meant(p_code);
    v_booking bookings;
    v_event events;
    v_ticket tickets;
BEGIN
    PERFORM require_admin(p_actor_id);
    IF v_code IS NULL THEN
        PERFORM raise_problem('TK017');
    END IF;
    SELECT bookings.*
    INTO v_booking
    FROM tickets
    JOIN bookings ON bookings.id = tickets.booking_id
    WHERE tickets.ticket_code = v_code;
    IF v_booking.id IS NULL THEN
        PERFORM raise_problem('TK009');
    ELSIF v_booking.event_id <> p_event_id THEN
        -- Before any lock: a ticket for another event waits for nobody.
        PERFORM raise_problem(
            'TK012',
            jsonb_build_object(
                'event_title', (SELECT title FROM events WHERE id = v_booking.event_id)
            )
        );
    END IF;

    -- Lock order: event, booking, tickets.
    SELECT events.* INTO v_event FROM events WHERE id = v_booking.event_id FOR NO KEY UPDATE;
    SELECT bookings.* INTO v_booking FROM bookings WHERE id = v_booking.id FOR NO KEY UPDATE;
    SELECT tickets.*
    INTO v_ticket
    FROM tickets
    WHERE tickets.ticket_code = v_code
    FOR NO KEY UPDATE;
    IF v_ticket.status = 'used' THEN
        PERFORM raise_problem(
            'TK010',
            jsonb_build_object(
                'used_at',
                to_char(timezone('UTC', v_ticket.used_at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
            )
        );
    ELSIF 'cancelled' IN (v_ticket.status::text, v_booking.status::text, v_event.status::text) THEN
        PERFORM raise_problem('TK011');
    END IF;

    PERFORM act_as(p_actor_id);
    UPDATE tickets SET status = 'used' WHERE id = v_ticket.id RETURNING * INTO v_ticket;
    PERFORM act_as(NULL);
    RETURN QUERY
    SELECT
        v_ticket.id,
        v_ticket.ticket_code,
        v_ticket.used_at,
        v_booking.id,
        v_booking.quantity,
        users.name,
        events.id,
        events.title,
        events.tickets_sold,
        events.tickets_checked_in
    FROM users, events
    WHERE users.id = v_booking.user_id
        AND events.id = v_event.id;
END;
$$;
COMMENT ON FUNCTION check_in_ticket IS
    'Admits the holder of a ticket code, once. p_event_id: a ticket for another event is refused; '
    'NULL: a ticket for any event is admitted. Raises TK017 for a mistyped code, TK009 for an '
    'unknown one, TK012 for a ticket for another event, TK011 for a cancelled one, TK010 for a '
    'used one with the time of its use, TK020 when the actor is not an admin.';

-- A ticket code is read as people and scanners deliver it: with any separators, in a link, after a
-- prefix, with Y and Z exchanged.
-- depends: 0031_rewrite_search_texts

CREATE FUNCTION ticket_code_readings(p_typed text)
RETURNS text[]
LANGUAGE plpgsql
IMMUTABLE
PARALLEL SAFE
SET search_path = public, pg_temp
AS $$
DECLARE
    -- Besides ß, the symbology identifier that a scanner may put first (]Q1), and hyphens and
    -- spaces as links hold them.
    v_text constant text := upper(
        regexp_replace(normalize(p_typed, NFKC), '^\s*\][a-z][0-9]|[ßẞ]|%2d|%20', '-', 'gi')
            COLLATE "C"
    );
    v_as_typed text[];
    v_exchanged text[];
BEGIN
    WITH part AS (
        SELECT v_text AS text
        UNION ALL
        SELECT match[1]
        FROM regexp_matches(
            v_text,
            '(?<![0-9A-Z])((?:[0-9A-Z]{5}[^0-9A-Z]+){4}[0-9A-Z]|[0-9A-Z]{21})(?![0-9A-Z])',
            'g'
        ) AS match
    ),
    as_typed AS (
        SELECT translate(regexp_replace(text, '[^0-9A-Z]+', '', 'g'), 'ILO', '110') AS symbols
        FROM part
    ),
    reading AS (
        SELECT symbols, false AS exchanged FROM as_typed
        UNION
        SELECT translate(symbols, 'YZ', 'ZY'), true FROM as_typed WHERE symbols ~ '[YZ]'
    )
    SELECT
        array_agg(write_ticket_code(symbols)) FILTER (WHERE NOT exchanged),
        array_agg(write_ticket_code(symbols)) FILTER (WHERE exchanged)
    INTO v_as_typed, v_exchanged
    FROM reading
    WHERE CASE
        WHEN symbols ~ '^[0-9A-HJKMNP-TV-Z]{21}$'
            THEN right(symbols, 1) = ticket_code_check_symbol(left(symbols, 20))
        ELSE false
    END;
    -- Two codes in one text: nobody knows which was meant.
    IF cardinality(v_as_typed) > 1 OR cardinality(v_exchanged) > 1 THEN
        RETURN '{}';
    END IF;
    RETURN coalesce(v_as_typed, '{}') || coalesce(v_exchanged, '{}');
END;
$$;
COMMENT ON FUNCTION ticket_code_readings IS
    'The ticket codes that a text can mean, in their stored form: as typed, then with Y and Z '
    'exchanged. Case and separators do not matter, I and L read as 1, O as 0, and other text may '
    'stand around the code. Empty when it cannot be a ticket code, or holds several.';

GRANT EXECUTE ON FUNCTION ticket_code_readings TO PUBLIC;

CREATE OR REPLACE FUNCTION parse_ticket_code(p_typed text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN (ticket_code_readings(p_typed))[1];
COMMENT ON FUNCTION parse_ticket_code IS
    'A ticket code as a person typed it or a scanner read it, in its stored form: the first of '
    'ticket_code_readings(). NULL when it cannot be a ticket code.';

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

GRANT EXECUTE ON FUNCTION ticket_code_meant TO ticketing_api;

CREATE OR REPLACE FUNCTION check_in_ticket(
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

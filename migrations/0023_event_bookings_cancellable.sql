-- One rule says which bookings can be cancelled. It is a function now, because the bookings of an
-- event show it as well. A customer's booking also says whether its event is bookable.
-- depends: 0022_event_details

CREATE FUNCTION cancellable(
    p_booking bookings,
    p_event events
)
RETURNS boolean
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN p_booking.status = 'confirmed' AND p_booking.tickets_checked_in = 0 AND bookable(p_event);
COMMENT ON FUNCTION cancellable IS
    'Whether a booking of this event can be cancelled: it is confirmed, none of its tickets was '
    'used, and the event is active and not yet started.';

GRANT EXECUTE ON FUNCTION cancellable TO PUBLIC;

-- First the form for old API processes, which took every column of the type.
CREATE OR REPLACE FUNCTION book_tickets(
    p_user_ids bigint[],
    p_event_ids bigint[],
    p_quantities integer[],
    p_idempotency_keys text[],
    p_booked_by bigint[],
    p_expected_totals numeric[]
)
RETURNS TABLE (
    request_no integer,
    replayed boolean,
    error_code text,
    error_detail jsonb,
    id bigint,
    user_id bigint,
    event_id bigint,
    quantity integer,
    unit_price numeric,
    total_amount numeric,
    status booking_status,
    booking_date timestamptz,
    cancelled_at timestamptz,
    booked_by bigint,
    cancellable boolean,
    event_title text,
    event_venue text,
    event_date_time timestamptz,
    event_time_zone text,
    event_status event_status,
    tickets jsonb
)
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_count constant integer := coalesce(cardinality(p_user_ids), 0);
BEGIN
    IF (
        cardinality(p_event_ids),
        cardinality(p_quantities),
        cardinality(p_idempotency_keys),
        cardinality(p_booked_by),
        cardinality(p_expected_totals)
    ) IS DISTINCT FROM (v_count, v_count, v_count, v_count, v_count) THEN
        RAISE EXCEPTION 'the arrays of a batch differ in length'
            USING ERRCODE = 'array_subscript_error';
    END IF;
    RETURN QUERY
    SELECT
        answer.request_no,
        answer.replayed,
        answer.error_code,
        answer.error_detail,
        (answer.booking).id,
        (answer.booking).user_id,
        (answer.booking).event_id,
        (answer.booking).quantity,
        (answer.booking).unit_price,
        (answer.booking).total_amount,
        (answer.booking).status,
        (answer.booking).booking_date,
        (answer.booking).cancelled_at,
        (answer.booking).booked_by,
        (answer.booking).cancellable,
        (answer.booking).event_title,
        (answer.booking).event_venue,
        (answer.booking).event_date_time,
        (answer.booking).event_time_zone,
        (answer.booking).event_status,
        (answer.booking).tickets
    FROM book_tickets(ARRAY(
        SELECT ROW(user_id, event_id, quantity, key, booked_by, expected_total)::booking_request
        FROM unnest(
            p_user_ids, p_event_ids, p_quantities, p_idempotency_keys, p_booked_by, p_expected_totals
        ) WITH ORDINALITY AS given (user_id, event_id, quantity, key, booked_by, expected_total, no)
        ORDER BY no
    )) AS answer;
END;
$$;

ALTER TYPE booking_with_tickets ADD ATTRIBUTE event_bookable boolean;
COMMENT ON COLUMN booking_with_tickets.cancellable IS
    'Whether it can be cancelled: see cancellable().';

CREATE OR REPLACE FUNCTION booking_with_tickets(p_booking_id bigint)
RETURNS SETOF booking_with_tickets
LANGUAGE sql
STABLE
AS $$
    SELECT
        bookings.id,
        bookings.user_id,
        bookings.event_id,
        bookings.quantity,
        bookings.unit_price,
        bookings.total_amount,
        bookings.status,
        bookings.booking_date,
        bookings.cancelled_at,
        bookings.booked_by,
        cancellable(bookings, events),
        events.title,
        events.venue,
        events.date_time,
        events.time_zone,
        events.status,
        (
            SELECT jsonb_agg(
                jsonb_build_object(
                    'id', tickets.id,
                    'ticket_code', ticket_code,
                    'status', tickets.status,
                    'used_at', used_at
                )
                ORDER BY tickets.id
            )
            FROM tickets
            WHERE tickets.booking_id = bookings.id
        ),
        events.bookable
    FROM bookings
    JOIN events ON events.id = bookings.event_id
    WHERE bookings.id = p_booking_id;
$$;

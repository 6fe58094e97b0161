-- A booking as its owner sees it, ticket codes included. A function and not a view: views are
-- for people who must not see codes.

CREATE FUNCTION booking_with_tickets(p_booking_id bigint)
RETURNS TABLE (
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
        bookings.status = 'confirmed'
            AND bookings.tickets_checked_in = 0
            AND events.bookable,
        events.title,
        events.venue,
        events.date_time,
        events.time_zone,
        events.status,
        (
            SELECT jsonb_agg(
                jsonb_build_object('id', tickets.id, 'ticket_code', ticket_code, 'status', tickets.status, 'used_at', used_at)
                ORDER BY tickets.id
            )
            FROM tickets
            WHERE tickets.booking_id = bookings.id
        )
    FROM bookings
    JOIN events ON events.id = bookings.event_id
    WHERE bookings.id = p_booking_id;
$$;
COMMENT ON FUNCTION booking_with_tickets(bigint) IS 'A booking with its event and its tickets, codes included, for its owner.';
REVOKE EXECUTE ON FUNCTION booking_with_tickets(bigint) FROM PUBLIC;

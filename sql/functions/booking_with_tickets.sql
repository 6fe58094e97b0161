-- booking_with_tickets() returns a booking with its event and its tickets. The codes are in it, so
-- it is for the customer and for admins only: the callers check that.

CREATE FUNCTION booking_with_tickets(p_booking_id bigint)
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
        events.bookable,
        events.doors_open
    FROM bookings
    JOIN events ON events.id = bookings.event_id
    WHERE bookings.id = p_booking_id;
$$;
COMMENT ON FUNCTION booking_with_tickets IS
    'Returns a booking with its event and its tickets. Call it only for the customer or an admin, '
    'because it contains the ticket codes.';

-- A user's bookings with their tickets, newest first.
-- $2: only those that are past, cancelled or whose event is; $3, $4: booking_date and id of the
-- last booking of the page before; $5: how many.
SELECT booking.*
FROM (
    SELECT bookings.id, bookings.booking_date
    FROM bookings
    JOIN events ON events.id = bookings.event_id
    WHERE bookings.user_id = $1
        AND (NOT $2::boolean OR bookings.status = 'cancelled' OR NOT events.bookable)
        AND (bookings.booking_date, bookings.id) < (coalesce($3::timestamptz, 'infinity'), coalesce($4::bigint, 0))
    ORDER BY bookings.booking_date DESC, bookings.id DESC
    LIMIT $5
) AS page
CROSS JOIN LATERAL booking_with_tickets(page.id) AS booking
ORDER BY page.booking_date DESC, page.id DESC;

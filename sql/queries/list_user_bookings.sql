-- A user's bookings with their tickets, newest first.
SELECT booking.*
FROM (
    SELECT bookings.id, bookings.booking_date
    FROM bookings
    WHERE bookings.user_id = :user_id
        AND (bookings.booking_date, bookings.id) < (
            coalesce(:after_booking_date::timestamptz, 'infinity'),
            coalesce(:after_id::bigint, 0)
        )
    ORDER BY bookings.booking_date DESC, bookings.id DESC
    LIMIT :limit
) AS page
CROSS JOIN LATERAL booking_with_tickets(page.id) AS booking
ORDER BY page.booking_date DESC, page.id DESC;

-- A user's bookings with their tickets, newest first.
-- :past_only: only those that are cancelled or whose event is past or ended.
SELECT booking.*
FROM (
    SELECT bookings.id, bookings.booking_date
    FROM bookings
    JOIN events ON events.id = bookings.event_id
    WHERE bookings.user_id = :user_id
        AND (NOT :past_only::boolean OR bookings.status = 'cancelled' OR NOT events.bookable)
        AND (bookings.booking_date, bookings.id) < (
            coalesce(:after_booking_date::timestamptz, 'infinity'),
            coalesce(:after_id::bigint, 0)
        )
    ORDER BY bookings.booking_date DESC, bookings.id DESC
    LIMIT :limit
) AS page
CROSS JOIN LATERAL booking_with_tickets(page.id) AS booking
ORDER BY page.booking_date DESC, page.id DESC;

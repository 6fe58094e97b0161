-- A user's bookings that are cancelled or whose event is past or ended, by the start of the event,
-- the latest first.
SELECT booking.*
FROM (
    SELECT bookings.id, events.date_time
    FROM bookings
    JOIN events ON events.id = bookings.event_id
    WHERE bookings.user_id = :user_id
        AND (bookings.status = 'cancelled' OR NOT events.bookable)
        AND (events.date_time, bookings.id) < (
            coalesce(:after_event_date_time::timestamptz, 'infinity'),
            coalesce(:after_id::bigint, 0)
        )
    ORDER BY events.date_time DESC, bookings.id DESC
    LIMIT :limit
) AS page
CROSS JOIN LATERAL booking_with_tickets(page.id) AS booking
ORDER BY page.date_time DESC, page.id DESC;

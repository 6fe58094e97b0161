-- A user's confirmed bookings for events still to come, soonest first.
-- $2, $3: date_time and booking id of the last booking of the page before; $4: how many.
SELECT booking.*
FROM (
    SELECT bookings.id, events.date_time
    FROM bookings
    JOIN events ON events.id = bookings.event_id
    WHERE bookings.user_id = $1
        AND bookings.status = 'confirmed'
        AND events.bookable
        AND (events.date_time, bookings.id) > (coalesce($2::timestamptz, '-infinity'), coalesce($3::bigint, 0))
    ORDER BY events.date_time, bookings.id
    LIMIT $4
) AS page
CROSS JOIN LATERAL booking_with_tickets(page.id) AS booking
ORDER BY page.date_time, page.id;

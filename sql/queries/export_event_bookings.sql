-- All bookings of an event for its CSV and .xlsx files, oldest first. Times are wall time at the
-- venue, in whole seconds.
SELECT
    bookings.id AS booking_id,
    date_trunc('second', timezone(clock.time_zone, bookings.booking_date)) AS booking_date,
    events.time_zone,
    bookings.status,
    users.name AS customer,
    users.phone,
    bookings.quantity,
    bookings.unit_price,
    bookings.total_amount,
    bookings.tickets_checked_in,
    date_trunc('second', timezone(clock.time_zone, bookings.cancelled_at)) AS cancelled_at
FROM events
CROSS JOIN LATERAL (
    SELECT usable_time_zone(events.time_zone, events.utc_offset) AS time_zone
    OFFSET 0
) AS clock
JOIN bookings ON bookings.event_id = events.id
JOIN users ON users.id = bookings.user_id
WHERE events.id = :event_id
ORDER BY bookings.booking_date, bookings.id;

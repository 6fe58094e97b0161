-- All bookings of an event for its CSV file, oldest first.
SELECT
    bookings.id,
    bookings.booking_date,
    bookings.status,
    users.name,
    users.phone,
    bookings.quantity,
    bookings.unit_price,
    bookings.total_amount,
    bookings.tickets_checked_in,
    bookings.cancelled_at
FROM bookings
JOIN users ON users.id = bookings.user_id
WHERE bookings.event_id = $1
ORDER BY bookings.booking_date, bookings.id;

-- Bookings that their customers cancelled left a line in the log.
INSERT INTO activity (at, actor_id, action, event_id, booking_id, user_id, detail)
SELECT
    generated_booking.cancelled_at,
    generated_booking.user_id,
    'booking-cancelled',
    generated_booking.event_id,
    generated_booking.id,
    generated_booking.user_id,
    jsonb_build_object(
        'quantity', generated_booking.quantity,
        'total_amount', generated_booking.total_amount::text
    )
FROM generated_booking
JOIN events ON events.id = generated_booking.event_id
WHERE generated_booking.status = 'cancelled'
    AND events.status <> 'cancelled'
ORDER BY generated_booking.cancelled_at;

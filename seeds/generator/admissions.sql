-- Nine of ten people who booked an event that is over came.
UPDATE tickets
SET status = 'used',
    used_at = events.date_time
        - interval '1 second' * pg_temp.dice(%(salt)s + 44, generated_booking.id, 2700)
FROM generated_booking
JOIN events ON events.id = generated_booking.event_id
WHERE tickets.booking_id = generated_booking.id
    AND generated_booking.status = 'confirmed'
    AND events.date_time <= %(as_of)s::timestamptz
    AND pg_temp.dice(%(salt)s + 43, generated_booking.id, 10) > 0;

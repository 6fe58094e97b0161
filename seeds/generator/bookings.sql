-- A chunk of bookings; their tickets come with them.
WITH planned AS (
    SELECT
        generated_user.id AS user_id,
        events.id AS event_id,
        planned.quantity,
        events.price,
        events.created_at
            + (least(%(as_of)s::timestamptz, events.date_time) - events.created_at) * (pg_temp.dice(%(salt)s + 41, planned.no, 10000) / 10000.0)
            AS booking_date,
        CASE
            -- With the event, or by the customer some time before it starts.
            WHEN events.status = 'cancelled' THEN events.updated_at
            WHEN planned.cancelled THEN least(%(as_of)s::timestamptz, events.date_time)
        END AS cancelled_at
    FROM pg_temp.planned_bookings(%(salt)s, %(from)s, %(to)s, %(events)s, %(bookings)s) AS planned
    JOIN generated_event ON generated_event.no = planned.event_no
    JOIN events ON events.id = generated_event.id
    JOIN generated_user ON generated_user.no = 1 + pg_temp.dice(%(salt)s + 42, planned.no, %(users)s)
),
booked AS (
    INSERT INTO bookings (user_id, event_id, quantity, unit_price, total_amount, booking_date, status, booked_by, cancelled_at)
    SELECT
        user_id,
        event_id,
        quantity,
        price,
        price * quantity,
        booking_date,
        CASE WHEN cancelled_at IS NULL THEN 'confirmed'::booking_status ELSE 'cancelled' END,
        user_id,
        booking_date + (cancelled_at - booking_date) * 0.7
    FROM planned
    ORDER BY event_id, booking_date
    RETURNING id, user_id, event_id, quantity, total_amount, status, cancelled_at
)
INSERT INTO generated_booking
SELECT id, user_id, event_id, quantity, total_amount, status, cancelled_at
FROM booked;

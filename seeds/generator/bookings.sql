-- A chunk of bookings and their tickets in one statement: what is committed is consistent.
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
),
logged AS (
    INSERT INTO activity (at, actor_id, action, event_id, booking_id, user_id, detail)
    SELECT
        cancelled_at,
        user_id,
        'booking-cancelled',
        event_id,
        booked.id,
        user_id,
        jsonb_build_object('quantity', booked.quantity, 'total_amount', booked.total_amount::text)
    FROM booked
    JOIN events ON events.id = booked.event_id AND events.status <> 'cancelled'
    WHERE booked.status = 'cancelled'
),
admitted AS (
    SELECT
        booked.*,
        -- Nine of ten come.
        CASE WHEN booked.status = 'confirmed' AND events.date_time <= %(as_of)s::timestamptz AND pg_temp.dice(%(salt)s + 43, booked.id, 10) > 0
            THEN events.date_time - interval '1 second' * pg_temp.dice(%(salt)s + 44, booked.id, 2700)
        END AS used_at
    FROM booked
    JOIN events ON events.id = booked.event_id
)
INSERT INTO tickets (booking_id, status, used_at)
SELECT
    id,
    CASE
        WHEN status = 'cancelled' THEN 'cancelled'::ticket_status
        WHEN used_at IS NOT NULL THEN 'used'
        ELSE 'active'
    END,
    used_at
FROM admitted
CROSS JOIN LATERAL generate_series(1, quantity)
ORDER BY id;

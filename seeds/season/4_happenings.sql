-- The demo season, part 4: the activity log of those months, and what happened today.
--
-- The log tells, in order, what parts 2 and 3 wrote directly; then today's changes go through
-- the functions, which log for themselves.

INSERT INTO activity (at, actor_id, action, event_id, booking_id, ticket_id, user_id, detail)
SELECT happened.*
FROM season_user AS creator
JOIN season_user AS box_office ON box_office.role = 'admin' AND box_office.no = 2
CROSS JOIN LATERAL (
    SELECT
        created_at AS at, creator.id AS actor_id, 'event-created'::activity_action, id, NULL::bigint, NULL::bigint, NULL::bigint,
        jsonb_build_object('title', title)
    FROM season_event
    UNION ALL
    SELECT
        date_time + interval '14 hours 25 minutes', creator.id, 'event-completed', id, NULL, NULL, NULL,
        jsonb_build_object('was', jsonb_build_object('status', 'active'), 'became', jsonb_build_object('status', status))
    FROM season_event
    WHERE status = 'completed'
    UNION ALL
    SELECT
        created_at, box_office.id, 'user-created', NULL, NULL, NULL, id,
        jsonb_build_object('role', 'customer')
    FROM season_customer
    WHERE season_customer.box_office
    UNION ALL
    SELECT
        cancelled_at, user_id, 'booking-cancelled', event_id, id, NULL, user_id,
        jsonb_build_object('quantity', bookings.quantity, 'total_amount', bookings.total_amount::text)
    FROM season_booking
    JOIN bookings USING (id, user_id, event_id, cancelled_at)
    UNION ALL
    SELECT tickets.used_at, box_office.id, 'ticket-admitted', event_id, booking_id, tickets.id, user_id, '{}'
    FROM season_booking
    JOIN tickets ON tickets.booking_id = season_booking.id AND tickets.status = 'used'
) AS happened
WHERE creator.role = 'admin'
    AND creator.no = 1
ORDER BY happened.at;

-- Today: the singer is ill. All bookings of that evening are cancelled with it.
SELECT update_event(
    season_event.id,
    jsonb_build_object(
        'status', 'cancelled',
        'cancellation_reason', 'Raquel Antão is ill. We are sorry, and so is she.'
    ),
    1,
    season_user.id
)
FROM season_event, season_user
WHERE season_event.key = 'fado'
    AND season_user.role = 'admin'
    AND season_user.no = 1;

-- Today: more room for the dance evening, and half an hour later.
SELECT update_event(
    season_event.id,
    jsonb_build_object('date_time', date_time + interval '30 minutes', 'capacity', capacity + 40),
    1,
    season_user.id
)
FROM season_event, season_user
WHERE season_event.key = 'dance'
    AND season_user.role = 'admin'
    AND season_user.no = 1;

-- Today: one customer gives her dinner back, another is sold tickets at the box office.
SELECT cancel_booking(season_booking.id, season_user.id)
FROM season_booking
JOIN season_event ON season_event.id = season_booking.event_id AND season_event.key = 'verdi'
JOIN season_user ON season_user.id = season_booking.user_id AND season_user.no = 4;

SELECT book_tickets(customer.id, season_event.id, 3, 'season-box-office', seller.id, season_event.price * 3)
FROM season_event, season_user AS customer, season_user AS seller
WHERE season_event.key = 'mahler'
    AND customer.role = 'customer'
    AND customer.no = 2
    AND seller.role = 'admin'
    AND seller.no = 2;

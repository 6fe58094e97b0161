-- integrity_violations: every row that contradicts another. Always empty; a row here means that
-- somebody wrote around the rules, and names where. It reads the whole ledger: seconds with
-- millions of bookings.

CREATE VIEW integrity_violations AS
WITH truth AS (
    SELECT
        event_id,
        count(*) AS bookings,
        sum(quantity) AS tickets,
        sum(total_amount) AS revenue,
        sum(tickets_checked_in) AS checked_in
    FROM bookings
    WHERE status = 'confirmed'
    GROUP BY event_id
),
ticket_truth AS (
    SELECT
        booking_id,
        count(*) AS tickets,
        count(*) FILTER (WHERE status = 'used') AS used,
        count(*) FILTER (WHERE status = 'active') AS active,
        count(*) FILTER (WHERE status = 'cancelled') AS cancelled
    FROM tickets
    GROUP BY booking_id
)
SELECT
    counter.kind,
    'events' AS table_name,
    events.id AS row_id,
    counter.expected::text AS expected,
    counter.actual::text AS actual
FROM events
LEFT JOIN truth ON truth.event_id = events.id
CROSS JOIN LATERAL (
    VALUES
        ('tickets-sold-differs', coalesce(truth.tickets, 0), events.tickets_sold),
        ('bookings-count-differs', coalesce(truth.bookings, 0), events.bookings_count),
        ('revenue-differs', coalesce(truth.revenue, 0), events.revenue),
        ('tickets-checked-in-differs', coalesce(truth.checked_in, 0), events.tickets_checked_in)
) AS counter (kind, expected, actual)
WHERE counter.expected <> counter.actual
UNION ALL
SELECT
    'sold-beyond-capacity',
    'events',
    events.id,
    events.capacity::text,
    truth.tickets::text
FROM events
JOIN truth ON truth.event_id = events.id
WHERE truth.tickets > events.capacity
UNION ALL
SELECT
    finding.kind,
    'bookings',
    bookings.id,
    finding.expected,
    finding.actual
FROM bookings
JOIN events ON events.id = bookings.event_id
LEFT JOIN ticket_truth ON ticket_truth.booking_id = bookings.id
CROSS JOIN LATERAL (
    VALUES
        (
            'quantity-differs-from-tickets',
            bookings.quantity::text,
            coalesce(ticket_truth.tickets, 0)::text,
            bookings.quantity <> coalesce(ticket_truth.tickets, 0)
        ),
        (
            'total-amount-differs',
            (bookings.unit_price * bookings.quantity)::text,
            bookings.total_amount::text,
            bookings.unit_price * bookings.quantity <> bookings.total_amount
        ),
        (
            'booking-checked-in-differs',
            coalesce(ticket_truth.used, 0)::text,
            bookings.tickets_checked_in::text,
            coalesce(ticket_truth.used, 0) <> bookings.tickets_checked_in
        ),
        (
            'active-ticket-of-cancelled-booking',
            '0',
            ticket_truth.active::text,
            bookings.status = 'cancelled' AND ticket_truth.active > 0
        ),
        (
            'cancelled-ticket-of-confirmed-booking',
            '0',
            ticket_truth.cancelled::text,
            bookings.status = 'confirmed' AND ticket_truth.cancelled > 0
        ),
        (
            'confirmed-booking-of-cancelled-event',
            'cancelled',
            bookings.status::text,
            bookings.status = 'confirmed' AND events.status = 'cancelled'
        )
) AS finding (kind, expected, actual, found)
WHERE finding.found
UNION ALL
-- What the foreign keys forbid: found should one have been dropped.
SELECT
    'orphan-ticket',
    'tickets',
    tickets.id,
    tickets.booking_id::text,
    NULL
FROM tickets
WHERE NOT EXISTS (SELECT FROM bookings WHERE bookings.id = tickets.booking_id)
UNION ALL
SELECT
    'orphan-booking',
    'bookings',
    bookings.id,
    bookings.event_id::text,
    NULL
FROM bookings
WHERE NOT EXISTS (SELECT FROM events WHERE events.id = bookings.event_id);

COMMENT ON VIEW integrity_violations IS 'One row for each contradiction between rows. Empty is healthy. Reads the whole ledger.';
COMMENT ON COLUMN integrity_violations.kind IS 'What is wrong.';
COMMENT ON COLUMN integrity_violations.row_id IS 'The id of the row that is wrong, in table_name.';
COMMENT ON COLUMN integrity_violations.expected IS 'What the other rows say it should be.';
COMMENT ON COLUMN integrity_violations.actual IS 'What it is. NULL: the row it refers to does not exist.';

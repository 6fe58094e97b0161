-- Takes 0012_integrity back. The lines it added to the activity log stay: nobody deletes from it.

DROP FUNCTION sweep_integrity(integer);
DROP FUNCTION last_id_of_slice(text, bigint, integer);
DROP VIEW integrity_violations;
DROP VIEW integrity_violations_outside_events;
DROP FUNCTION integrity_violations_of(bigint, bigint);
DROP VIEW sign_in_trouble;
DROP VIEW customers;
DROP VIEW daily_ledger;
DROP VIEW ledger_entries;
DROP VIEW ticket_details;
DROP TABLE integrity_findings;
DROP TABLE integrity_sweep;
ALTER TABLE tickets DROP CONSTRAINT tickets_code_has_check_symbol;

CREATE OR REPLACE FUNCTION ticket_code_check_symbol(p_symbols text)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE
PARALLEL SAFE
AS $$
DECLARE
    -- From the right, every other symbol counts twice, a product as the sum of its base 32
    -- digits. translate() does that arithmetic: to each symbol the character with code 64 plus
    -- its value, and 64 plus the digit sum of twice its value. 20 times 64 is 0 mod 32.
    v_single constant bytea := convert_to(
        translate(p_symbols, '0123456789ABCDEFGHJKMNPQRSTVWXYZ', E'@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_'), 'UTF8'
    );
    v_double constant bytea := convert_to(
        translate(p_symbols, '0123456789ABCDEFGHJKMNPQRSTVWXYZ', E'@BDFHJLNPRTVXZ\\^ACEGIKMOQSUWY[]_'), 'UTF8'
    );
    v_sum integer := 0;
BEGIN
    FOR place IN 0 .. 18 BY 2 LOOP
        v_sum := v_sum + get_byte(v_single, place) + get_byte(v_double, place + 1);
    END LOOP;
    RETURN substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', (32 - v_sum % 32) % 32 + 1, 1);
END;
$$;
COMMENT ON FUNCTION ticket_code_check_symbol(text) IS 'The Luhn mod 32 check symbol for the 20 symbols of a ticket code: finds every single wrong symbol and nearly every swapped pair.';

CREATE OR REPLACE VIEW event_sales AS
SELECT
    id AS event_id,
    title,
    venue,
    date_time,
    time_zone,
    status,
    capacity,
    bookings_count AS bookings,
    tickets_sold,
    round(100.0 * tickets_sold / capacity, 1) AS percent_sold,
    tickets_checked_in,
    CASE WHEN date_time <= now() THEN tickets_sold - tickets_checked_in END AS no_shows,
    revenue
FROM events;

COMMENT ON VIEW event_sales IS 'How each event sells: bookings, tickets and revenue of confirmed bookings.';
COMMENT ON COLUMN event_sales.bookings IS 'Confirmed bookings.';
COMMENT ON COLUMN event_sales.tickets_sold IS 'Tickets of confirmed bookings.';
COMMENT ON COLUMN event_sales.tickets_checked_in IS 'Used tickets of confirmed bookings.';
COMMENT ON COLUMN event_sales.no_shows IS 'Tickets sold and not used, once the event has started. NULL: it has not.';
COMMENT ON COLUMN event_sales.revenue IS 'Total amount of confirmed bookings.';
COMMENT ON COLUMN event_sales.percent_sold IS NULL;

CREATE OR REPLACE VIEW daily_sales AS
SELECT
    events.id AS event_id,
    events.title,
    events.venue,
    timezone(events.time_zone, bookings.booking_date)::date AS date,
    count(*) AS bookings,
    sum(bookings.quantity) AS tickets,
    sum(bookings.total_amount) AS revenue
FROM bookings
JOIN events ON events.id = bookings.event_id
WHERE bookings.status = 'confirmed'
GROUP BY events.id, timezone(events.time_zone, bookings.booking_date)::date;

COMMENT ON VIEW daily_sales IS 'Confirmed bookings, their tickets and revenue by event and day.';
COMMENT ON COLUMN daily_sales.date IS 'The day of booking, in the event''s time zone.';

CREATE OR REPLACE VIEW booking_details AS
SELECT
    bookings.id AS booking_id,
    bookings.booking_date,
    bookings.status,
    bookings.cancelled_at,
    bookings.event_id,
    events.title AS event_title,
    events.venue AS event_venue,
    events.date_time AS event_date_time,
    events.time_zone AS event_time_zone,
    events.status AS event_status,
    bookings.user_id,
    customer.name AS customer_name,
    mask_phone(customer.phone) AS customer_phone,
    bookings.quantity,
    bookings.unit_price,
    bookings.total_amount,
    bookings.tickets_checked_in,
    bookings.booked_by,
    booker.name AS booked_by_name,
    bookings.booked_by <> bookings.user_id AS box_office
FROM bookings
JOIN events ON events.id = bookings.event_id
JOIN users AS customer ON customer.id = bookings.user_id
JOIN users AS booker ON booker.id = bookings.booked_by;

COMMENT ON VIEW booking_details IS 'Who bought what: every booking with its event and customer. Phone numbers are masked.';
COMMENT ON COLUMN booking_details.cancelled_at IS 'NULL: the booking is confirmed.';
COMMENT ON COLUMN booking_details.customer_phone IS 'Masked.';
COMMENT ON COLUMN booking_details.box_office IS 'True when somebody else pressed the button for the customer.';

CREATE VIEW ticket_details AS
SELECT
    tickets.id AS ticket_id,
    mask_ticket_code(tickets.ticket_code) AS ticket_code,
    tickets.status,
    tickets.used_at,
    tickets.booking_id,
    bookings.status AS booking_status,
    bookings.event_id,
    events.title AS event_title,
    events.date_time AS event_date_time,
    bookings.user_id,
    users.name AS customer_name
FROM tickets
JOIN bookings ON bookings.id = tickets.booking_id
JOIN events ON events.id = bookings.event_id
JOIN users ON users.id = bookings.user_id;

COMMENT ON VIEW ticket_details IS 'Every ticket with its booking, event and customer. Codes are masked.';
COMMENT ON COLUMN ticket_details.ticket_code IS 'Masked: its first group only.';
COMMENT ON COLUMN ticket_details.used_at IS 'NULL: it has not admitted anybody.';
GRANT SELECT ON ticket_details TO ticketing_reader;

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
GRANT SELECT ON integrity_violations TO ticketing_api, ticketing_reader;

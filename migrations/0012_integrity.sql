-- Contradictions are found that were not, for one event or for a slice of them as well as for all,
-- and in the background. Analysts get the ledger by entries and by days, customers, and trouble
-- with signing in. A ticket code without its check symbol is refused.
-- depends: 0011_tell_the_oldest_snapshot

SET LOCAL lock_timeout = '2s';

CREATE OR REPLACE FUNCTION ticket_code_check_symbol(p_symbols text)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE
PARALLEL SAFE
SET search_path = public, pg_temp
AS $$
DECLARE
    -- From the right, every other symbol counts twice, a product as the sum of its base 32
    -- digits. The tables give the value of a symbol by its character code minus that of '0'.
    v_symbols constant bytea := convert_to(p_symbols, 'UTF8');
    v_single constant bytea := '\x00010203040506070809000000000000000a0b0c0d0e0f101100121300141500161718191a001b1c1d1e1f';
    v_double constant bytea := '\x00020406080a0c0e1012000000000000001416181a1c1e010300050700090b000d0f1113150017191b1d1f';
    v_sum integer := 0;
BEGIN
    FOR place IN 0 .. 18 BY 2 LOOP
        v_sum := v_sum
            + get_byte(v_single, get_byte(v_symbols, place) - 48)
            + get_byte(v_double, get_byte(v_symbols, place + 1) - 48);
    END LOOP;
    RETURN substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', (32 - v_sum % 32) % 32 + 1, 1);
END;
$$;
COMMENT ON FUNCTION ticket_code_check_symbol(text) IS 'The Luhn mod 32 check symbol for the 20 symbols of a ticket code: finds every single wrong symbol and nearly every swapped pair.';

-- Validated by a later step, which blocks no sale.
ALTER TABLE tickets ADD CONSTRAINT tickets_code_has_check_symbol CHECK (
    right(ticket_code, 1) = ticket_code_check_symbol(replace(left(ticket_code, 23), '-', ''))
) NOT VALID;

CREATE TABLE integrity_sweep (
    only_row       boolean     NOT NULL DEFAULT true,
    area           text,                               -- NULL: no pass is under way
    next_id        bigint      NOT NULL DEFAULT 0,
    began_at       timestamptz,                        -- NULL: no pass has begun
    ended_at       timestamptz,                        -- NULL: no pass has ended
    slice_at       timestamptz,                        -- NULL: no slice has been checked
    events_checked bigint      NOT NULL DEFAULT 0,
    events_total   bigint      NOT NULL DEFAULT 0,
    CONSTRAINT integrity_sweep_pkey PRIMARY KEY (only_row),
    CONSTRAINT integrity_sweep_has_one_row CHECK (only_row),
    CONSTRAINT integrity_sweep_area_known CHECK (
        area IN ('events', 'tickets', 'users', 'event_words')
    )
);

COMMENT ON TABLE integrity_sweep IS 'How far sweep_integrity() has come: at most one row.';
COMMENT ON COLUMN integrity_sweep.only_row IS 'Always true: the key of the only row.';
COMMENT ON COLUMN integrity_sweep.area IS 'What the pass under way checks next, in the order'
    ' events, tickets, users, event_words. NULL: no pass is under way.';
COMMENT ON COLUMN integrity_sweep.next_id IS 'The first id of the next slice, in area.';
COMMENT ON COLUMN integrity_sweep.began_at IS 'When the latest pass began. NULL: none has begun.';
COMMENT ON COLUMN integrity_sweep.ended_at IS 'When the latest full pass ended. NULL: none has'
    ' ended.';
COMMENT ON COLUMN integrity_sweep.slice_at IS 'When the latest slice was checked. NULL: none has'
    ' been.';
COMMENT ON COLUMN integrity_sweep.events_checked IS 'How many events the latest pass has checked.';
COMMENT ON COLUMN integrity_sweep.events_total IS 'How many events there were when it began.';

CREATE TABLE integrity_findings (
    id         bigint      GENERATED ALWAYS AS IDENTITY,
    kind       text        NOT NULL,
    table_name text        NOT NULL,
    row_id     bigint      NOT NULL,
    expected   text,                                   -- NULL: nothing is expected
    actual     text,                                   -- NULL: there is no such row
    event_id   bigint,                                 -- NULL: not part of an event
    found_at   timestamptz NOT NULL,
    CONSTRAINT integrity_findings_pkey PRIMARY KEY (id)
);

COMMENT ON TABLE integrity_findings IS 'What the latest check of each slice found: the columns of'
    ' integrity_violations, and when. A slice replaces its own rows, and keeps 1,000 at most.';
COMMENT ON COLUMN integrity_findings.kind IS 'What is wrong.';
COMMENT ON COLUMN integrity_findings.table_name IS 'The table of the row that is wrong.';
COMMENT ON COLUMN integrity_findings.row_id IS 'Its id, or 0 for a word, which has none.';
COMMENT ON COLUMN integrity_findings.expected IS 'What the other rows say it should be. NULL:'
    ' nothing.';
COMMENT ON COLUMN integrity_findings.actual IS 'What it is. NULL: there is no such row.';
COMMENT ON COLUMN integrity_findings.event_id IS 'The event it is part of. NULL: it is part'
    ' of none.';
COMMENT ON COLUMN integrity_findings.found_at IS 'When its slice was last checked.';

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
    trunc(100.0 * tickets_sold / capacity, 1) AS percent_sold,
    tickets_checked_in,
    CASE WHEN date_time <= now() THEN tickets_sold - tickets_checked_in END AS no_shows,
    revenue
FROM events;

COMMENT ON VIEW event_sales IS 'How each event sells: bookings, tickets and revenue of confirmed'
    ' bookings.';
COMMENT ON COLUMN event_sales.bookings IS 'Confirmed bookings.';
COMMENT ON COLUMN event_sales.tickets_sold IS 'Tickets of confirmed bookings.';
COMMENT ON COLUMN event_sales.percent_sold IS 'Rounded down: 100.0 is sold out.';
COMMENT ON COLUMN event_sales.tickets_checked_in IS 'Used tickets of confirmed bookings.';
COMMENT ON COLUMN event_sales.no_shows IS 'Tickets sold and not used, once the event has started.'
    ' NULL: it has not.';
COMMENT ON COLUMN event_sales.revenue IS 'Total amount of confirmed bookings.';

CREATE OR REPLACE VIEW daily_sales AS
SELECT
    bookings.event_id,
    events.title,
    events.venue,
    timezone(events.time_zone, bookings.booking_date)::date AS date,
    count(*) AS bookings,
    sum(bookings.quantity) AS tickets,
    sum(bookings.total_amount) AS revenue
FROM bookings
LEFT JOIN events ON events.id = bookings.event_id
WHERE bookings.status = 'confirmed'
GROUP BY bookings.event_id, events.id, timezone(events.time_zone, bookings.booking_date)::date;

COMMENT ON VIEW daily_sales IS 'Bookings that are confirmed now, their tickets and revenue, by'
    ' event and day. For figures of a day that never change, see daily_ledger.';
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
-- LEFT: a query that names no column of a joined table does not read it.
LEFT JOIN events ON events.id = bookings.event_id
LEFT JOIN users AS customer ON customer.id = bookings.user_id
LEFT JOIN users AS booker ON booker.id = bookings.booked_by;

COMMENT ON VIEW booking_details IS 'Who bought what: every booking with its event and customer. Phone numbers are masked.';
COMMENT ON COLUMN booking_details.cancelled_at IS 'NULL: the booking is confirmed.';
COMMENT ON COLUMN booking_details.customer_phone IS 'Masked.';
COMMENT ON COLUMN booking_details.box_office IS 'True when somebody else pressed the button for the customer.';

CREATE OR REPLACE VIEW ticket_details AS
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
    users.name AS customer_name,
    bookings.booking_date
FROM tickets
-- LEFT: a query that names no column of a joined table does not read it.
LEFT JOIN bookings ON bookings.id = tickets.booking_id
LEFT JOIN events ON events.id = bookings.event_id
LEFT JOIN users ON users.id = bookings.user_id;

COMMENT ON VIEW ticket_details IS 'Every ticket with its booking, event and customer. Codes are masked.';
COMMENT ON COLUMN ticket_details.ticket_code IS 'Masked: its first group only.';
COMMENT ON COLUMN ticket_details.used_at IS 'NULL: it has not admitted anybody.';

CREATE VIEW ledger_entries AS
SELECT
    booking_date AS at,
    'booked' AS entry,
    id AS booking_id,
    event_id,
    user_id,
    quantity AS tickets,
    total_amount AS amount
FROM bookings
UNION ALL
SELECT
    cancelled_at,
    'cancelled',
    id,
    event_id,
    user_id,
    -quantity,
    -total_amount
FROM bookings
WHERE status = 'cancelled';

COMMENT ON VIEW ledger_entries IS 'Every booking as an entry when it was made, and another when it'
    ' was cancelled. The sum up to a moment is what was sold then; entries never change.';
COMMENT ON COLUMN ledger_entries.at IS 'When it was booked or cancelled.';
COMMENT ON COLUMN ledger_entries.entry IS 'booked or cancelled.';
COMMENT ON COLUMN ledger_entries.tickets IS 'Negative when cancelled.';
COMMENT ON COLUMN ledger_entries.amount IS 'Negative when cancelled.';

CREATE VIEW daily_ledger AS
SELECT
    ledger_entries.event_id,
    events.title,
    events.venue,
    timezone(events.time_zone, ledger_entries.at)::date AS date,
    count(*) FILTER (WHERE entry = 'booked') AS bookings_booked,
    count(*) FILTER (WHERE entry = 'cancelled') AS bookings_cancelled,
    coalesce(sum(tickets) FILTER (WHERE entry = 'booked'), 0) AS tickets_booked,
    coalesce(-sum(tickets) FILTER (WHERE entry = 'cancelled'), 0) AS tickets_cancelled,
    sum(tickets) AS tickets_net,
    coalesce(sum(amount) FILTER (WHERE entry = 'booked'), 0) AS amount_booked,
    coalesce(-sum(amount) FILTER (WHERE entry = 'cancelled'), 0) AS amount_cancelled,
    sum(amount) AS amount_net
FROM ledger_entries
LEFT JOIN events ON events.id = ledger_entries.event_id
GROUP BY ledger_entries.event_id, events.id, timezone(events.time_zone, ledger_entries.at)::date;

COMMENT ON VIEW daily_ledger IS 'Bookings, tickets and money booked, cancelled and net, by event'
    ' and day. A day that is over never changes, unless its event moves to another time zone.';
COMMENT ON COLUMN daily_ledger.date IS 'The day of booking or cancelling, in the event''s time'
    ' zone.';
COMMENT ON COLUMN daily_ledger.tickets_cancelled IS 'Not negative.';
COMMENT ON COLUMN daily_ledger.amount_cancelled IS 'Not negative.';
COMMENT ON COLUMN daily_ledger.amount_net IS 'amount_booked - amount_cancelled.';
COMMENT ON COLUMN daily_ledger.tickets_net IS 'tickets_booked - tickets_cancelled.';

CREATE VIEW customers AS
SELECT
    users.id AS user_id,
    users.name,
    mask_phone(users.phone) AS phone,
    users.role,
    users.created_at AS since,
    users.password_hash IS NOT NULL AS can_sign_in,
    bought.first_booking,
    bought.last_booking,
    coalesce(bought.bookings, 0) AS bookings,
    coalesce(bought.cancellations, 0) AS cancellations,
    coalesce(bought.tickets, 0) AS tickets,
    coalesce(bought.spent, 0) AS spent
FROM users
LEFT JOIN (
    SELECT
        user_id,
        min(booking_date) AS first_booking,
        max(booking_date) AS last_booking,
        count(*) FILTER (WHERE status = 'confirmed') AS bookings,
        count(*) FILTER (WHERE status = 'cancelled') AS cancellations,
        sum(quantity) FILTER (WHERE status = 'confirmed') AS tickets,
        sum(total_amount) FILTER (WHERE status = 'confirmed') AS spent
    FROM bookings
    GROUP BY user_id
) AS bought ON bought.user_id = users.id;

COMMENT ON VIEW customers IS 'Everybody with an account, also those who never booked, with what'
    ' they have bought. Phone numbers are masked. role tells who is an admin.';
COMMENT ON COLUMN customers.phone IS 'Masked.';
COMMENT ON COLUMN customers.since IS 'When the account was created.';
COMMENT ON COLUMN customers.can_sign_in IS 'False: created at the box office, without a password.';
COMMENT ON COLUMN customers.first_booking IS 'When they first booked, confirmed or cancelled.'
    ' NULL: never.';
COMMENT ON COLUMN customers.last_booking IS 'When they last booked, confirmed or cancelled. NULL:'
    ' never.';
COMMENT ON COLUMN customers.bookings IS 'Confirmed bookings.';
COMMENT ON COLUMN customers.cancellations IS 'Cancelled bookings, those of cancelled events'
    ' included.';
COMMENT ON COLUMN customers.tickets IS 'Tickets of confirmed bookings.';
COMMENT ON COLUMN customers.spent IS 'Total amount of confirmed bookings.';

CREATE VIEW sign_in_trouble AS
SELECT
    mask_phone(sign_in_failures.phone) AS phone,
    users.id AS user_id,
    count(*) AS failures,
    count(DISTINCT sign_in_failures.address) AS addresses,
    min(sign_in_failures.at) AS first_at,
    max(sign_in_failures.at) AS last_at
FROM sign_in_failures
LEFT JOIN users ON users.phone = sign_in_failures.phone
WHERE sign_in_failures.at > now() - make_interval(mins => 15)
GROUP BY sign_in_failures.phone, users.id;

COMMENT ON VIEW sign_in_trouble IS 'Failed sign-ins of the last 15 minutes, by phone number. An'
    ' attempt counts while its password is being checked, too.';
COMMENT ON COLUMN sign_in_trouble.phone IS 'The phone number that was tried, masked.';
COMMENT ON COLUMN sign_in_trouble.user_id IS 'NULL: nobody has that number.';
COMMENT ON COLUMN sign_in_trouble.addresses IS 'From how many network addresses.';

CREATE FUNCTION integrity_violations_of(
    p_from_event_id bigint,
    p_to_event_id bigint
)
RETURNS TABLE (
    kind text,
    table_name text,
    row_id bigint,
    expected text,
    actual text,
    event_id bigint
)
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = public, pg_temp
SET plan_cache_mode = force_custom_plan
SET jit = off
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT
        finding.kind,
        'events',
        wrong.id,
        finding.expected,
        finding.actual,
        wrong.id
    FROM (
        SELECT
            events.*,
            search_text(events.title || ' ' || events.venue) AS search_text_today,
            coalesce(truth.bookings, 0) AS true_bookings,
            coalesce(truth.tickets, 0) AS true_tickets,
            coalesce(truth.revenue, 0) AS true_revenue,
            coalesce(truth.checked_in, 0) AS true_checked_in,
            coalesce(logged.edits, 0) AS logged_edits
        FROM events
        LEFT JOIN (
            SELECT
                bookings.event_id,
                count(*) AS bookings,
                sum(quantity) AS tickets,
                sum(total_amount) AS revenue,
                sum(tickets_checked_in) AS checked_in
            FROM bookings
            WHERE status = 'confirmed'
                AND bookings.event_id BETWEEN p_from_event_id AND p_to_event_id
            GROUP BY bookings.event_id
        ) AS truth ON truth.event_id = events.id
        LEFT JOIN (
            SELECT activity.event_id, count(*) AS edits
            FROM activity
            WHERE action IN ('event-edited', 'event-cancelled', 'event-completed')
                AND activity.event_id BETWEEN p_from_event_id AND p_to_event_id
            GROUP BY activity.event_id
        ) AS logged ON logged.event_id = events.id
        WHERE events.id BETWEEN p_from_event_id AND p_to_event_id
            AND (
                coalesce(truth.tickets, 0) <> events.tickets_sold
                OR coalesce(truth.bookings, 0) <> events.bookings_count
                OR coalesce(truth.revenue, 0) <> events.revenue
                OR coalesce(truth.checked_in, 0) <> events.tickets_checked_in
                OR truth.tickets > events.capacity
                OR coalesce(logged.edits, 0) < events.version - 1
                OR search_text(events.title || ' ' || events.venue) <> events.search_text
            )
    ) AS wrong
    CROSS JOIN LATERAL (
        VALUES
            (
                'tickets-sold-differs',
                true_tickets::text,
                tickets_sold::text,
                true_tickets <> tickets_sold
            ),
            (
                'bookings-count-differs',
                true_bookings::text,
                bookings_count::text,
                true_bookings <> bookings_count
            ),
            ('revenue-differs', true_revenue::text, revenue::text, true_revenue <> revenue),
            (
                'tickets-checked-in-differs',
                true_checked_in::text,
                tickets_checked_in::text,
                true_checked_in <> tickets_checked_in
            ),
            (
                'sold-beyond-capacity',
                capacity::text,
                true_tickets::text,
                true_tickets > capacity
            ),
            -- Each version after the first was made by an edit.
            (
                'edited-event-without-activity',
                (version - 1)::text,
                logged_edits::text,
                logged_edits < version - 1
            ),
            (
                'search-text-differs',
                search_text_today,
                search_text,
                search_text_today <> search_text
            )
    ) AS finding (kind, expected, actual, found)
    WHERE finding.found
    UNION ALL
    SELECT
        finding.kind,
        'bookings',
        wrong.id,
        finding.expected,
        finding.actual,
        wrong.event_id
    FROM (
        SELECT
            counted.*,
            counted.tickets - counted.used - counted.cancelled AS active,
            events.status AS event_status
        FROM (
            SELECT
                bookings.*,
                count(tickets.id) AS tickets,
                count(*) FILTER (WHERE tickets.status = 'used') AS used,
                count(*) FILTER (WHERE tickets.status = 'cancelled') AS cancelled
            FROM bookings
            LEFT JOIN tickets ON tickets.booking_id = bookings.id
            WHERE bookings.event_id BETWEEN p_from_event_id AND p_to_event_id
            GROUP BY bookings.id
        ) AS counted
        JOIN events ON events.id = counted.event_id
        WHERE counted.quantity <> counted.tickets
            OR counted.used <> counted.tickets_checked_in
            OR (
                counted.status = 'cancelled'
                AND counted.tickets > counted.cancelled
                AND (
                    events.status <> 'cancelled'
                    OR counted.tickets > counted.used + counted.cancelled
                )
            )
            OR (
                counted.status = 'confirmed'
                AND (counted.cancelled > 0 OR events.status = 'cancelled')
            )
    ) AS wrong
    CROSS JOIN LATERAL (
        VALUES
            (
                'quantity-differs-from-tickets',
                quantity::text,
                tickets::text,
                quantity <> tickets
            ),
            (
                'booking-checked-in-differs',
                used::text,
                tickets_checked_in::text,
                used <> tickets_checked_in
            ),
            (
                'active-ticket-of-cancelled-booking',
                '0',
                active::text,
                status = 'cancelled' AND active > 0
            ),
            -- Cancelling an event also cancels bookings that were partly used; a customer cannot.
            (
                'used-ticket-of-cancelled-booking',
                '0',
                used::text,
                status = 'cancelled' AND event_status <> 'cancelled' AND used > 0
            ),
            (
                'cancelled-ticket-of-confirmed-booking',
                '0',
                cancelled::text,
                status = 'confirmed' AND cancelled > 0
            ),
            (
                'confirmed-booking-of-cancelled-event',
                'cancelled',
                status::text,
                status = 'confirmed' AND event_status = 'cancelled'
            )
    ) AS finding (kind, expected, actual, found)
    WHERE finding.found
    UNION ALL
    -- Bookings that are cancelled with their event share the event's line in the log.
    SELECT
        'cancelled-booking-without-activity',
        'bookings',
        bookings.id,
        'booking-cancelled',
        NULL,
        bookings.event_id
    FROM bookings
    JOIN events ON events.id = bookings.event_id AND events.status <> 'cancelled'
    WHERE bookings.status = 'cancelled'
        AND bookings.event_id BETWEEN p_from_event_id AND p_to_event_id
        AND NOT EXISTS (
            SELECT
            FROM activity
            WHERE activity.booking_id = bookings.id
                AND activity.action = 'booking-cancelled'
                AND activity.event_id BETWEEN p_from_event_id AND p_to_event_id
        )
    UNION ALL
    -- What a CHECK forbids is looked for only while that CHECK is missing or not validated.
    SELECT
        'total-amount-differs',
        'bookings',
        bookings.id,
        (unit_price * quantity)::text,
        total_amount::text,
        bookings.event_id
    FROM bookings
    WHERE bookings.event_id BETWEEN p_from_event_id AND p_to_event_id
        AND unit_price * quantity <> total_amount
        AND NOT EXISTS (
            SELECT
            FROM pg_constraint
            WHERE conrelid = 'bookings'::regclass
                AND conname = 'bookings_total_amount_is_price_times_quantity'
                AND convalidated
        )
    UNION ALL
    SELECT
        'ticket-code-check-symbol-differs',
        'tickets',
        tickets.id,
        ticket_code_check_symbol(replace(left(ticket_code, 23), '-', '')),
        right(ticket_code, 1),
        bookings.event_id
    FROM bookings
    JOIN tickets ON tickets.booking_id = bookings.id
    WHERE bookings.event_id BETWEEN p_from_event_id AND p_to_event_id
        AND right(ticket_code, 1)
            <> ticket_code_check_symbol(replace(left(ticket_code, 23), '-', ''))
        AND NOT EXISTS (
            SELECT
            FROM pg_constraint
            WHERE conrelid = 'tickets'::regclass
                AND conname = 'tickets_code_has_check_symbol'
                AND convalidated
        )
    UNION ALL
    -- What foreign keys forbid: a superuser can switch their triggers off.
    SELECT
        'orphan-booking',
        'bookings',
        bookings.id,
        bookings.event_id::text,
        NULL,
        bookings.event_id
    FROM bookings
    WHERE bookings.event_id BETWEEN p_from_event_id AND p_to_event_id
        AND NOT EXISTS (SELECT FROM events WHERE events.id = bookings.event_id)
    UNION ALL
    SELECT
        'booking-without-customer',
        'bookings',
        bookings.id,
        bookings.user_id::text,
        NULL,
        bookings.event_id
    FROM bookings
    WHERE bookings.event_id BETWEEN p_from_event_id AND p_to_event_id
        AND NOT EXISTS (SELECT FROM users WHERE users.id = bookings.user_id)
    UNION ALL
    SELECT
        'booking-without-booker',
        'bookings',
        bookings.id,
        bookings.booked_by::text,
        NULL,
        bookings.event_id
    FROM bookings
    WHERE bookings.event_id BETWEEN p_from_event_id AND p_to_event_id
        AND bookings.booked_by <> bookings.user_id
        AND NOT EXISTS (SELECT FROM users WHERE users.id = bookings.booked_by);
END;
$$;
COMMENT ON FUNCTION integrity_violations_of(bigint, bigint) IS 'Every contradiction in the events'
    ' with these ids, their bookings and their tickets: the rows of integrity_violations with an'
    ' event_id in this range. For one event, give its id twice. Empty is healthy.';
REVOKE EXECUTE ON FUNCTION integrity_violations_of(bigint, bigint) FROM PUBLIC;

CREATE VIEW integrity_violations_outside_events AS
-- What a foreign key forbids: a superuser can switch its triggers off.
SELECT
    'orphan-ticket' AS kind,
    'tickets' AS table_name,
    tickets.id AS row_id,
    tickets.booking_id::text AS expected,
    NULL::text AS actual
FROM tickets
WHERE NOT EXISTS (SELECT FROM bookings WHERE bookings.id = tickets.booking_id)
UNION ALL
-- The text holds the phone number: digits are not shown.
SELECT
    'search-text-differs',
    'users',
    users.id,
    regexp_replace(search_text(users.name || ' ' || users.phone), '[0-9]', '*', 'g'),
    regexp_replace(users.search_text, '[0-9]', '*', 'g')
FROM users
WHERE search_text(users.name || ' ' || users.phone) <> users.search_text
UNION ALL
-- A word has no id: its row is named by the word, beside how many events should have it and have.
SELECT
    'event-word-differs',
    'event_words',
    0::bigint,
    (coalesce(truth.word, event_words.word) || ': ' || coalesce(truth.events_count, 0))
        COLLATE "default",
    (event_words.word || ': ' || event_words.events_count) COLLATE "default"
FROM event_words
FULL JOIN (
    SELECT word, count(*) AS events_count
    FROM events
    CROSS JOIN LATERAL unnest(search_words(events.title || ' ' || events.venue)) AS word
    WHERE events.status = 'active'
        AND char_length(word) <= 60
    GROUP BY word
) AS truth ON truth.word = event_words.word
WHERE truth.events_count IS DISTINCT FROM event_words.events_count;

COMMENT ON VIEW integrity_violations_outside_events IS 'The rows of integrity_violations that'
    ' belong to no event: tickets without a booking, search texts of users, words of events.';
COMMENT ON COLUMN integrity_violations_outside_events.kind IS 'What is wrong.';
COMMENT ON COLUMN integrity_violations_outside_events.row_id IS 'The id of the row that is wrong,'
    ' in table_name; 0 for a word, which has none.';
COMMENT ON COLUMN integrity_violations_outside_events.expected IS 'What the other rows say it'
    ' should be.';
COMMENT ON COLUMN integrity_violations_outside_events.actual IS 'What it is. NULL: there is no'
    ' such row.';

CREATE OR REPLACE VIEW integrity_violations AS
SELECT
    kind,
    table_name,
    row_id,
    expected,
    actual,
    event_id
FROM integrity_violations_of(-9223372036854775808, 9223372036854775807)
UNION ALL
SELECT
    kind,
    table_name,
    row_id,
    expected,
    actual,
    NULL
FROM integrity_violations_outside_events;

COMMENT ON VIEW integrity_violations IS 'One row for each contradiction between rows. Empty is'
    ' healthy. Reads the whole database; integrity_violations_of() reads one event.';
COMMENT ON COLUMN integrity_violations.kind IS 'What is wrong.';
COMMENT ON COLUMN integrity_violations.row_id IS 'The id of the row that is wrong, in table_name;'
    ' 0 for a word, which has none.';
COMMENT ON COLUMN integrity_violations.expected IS 'What the other rows say it should be.';
COMMENT ON COLUMN integrity_violations.actual IS 'What it is. NULL: there is no such row.';
COMMENT ON COLUMN integrity_violations.event_id IS 'The event it is part of. NULL: it is part'
    ' of none.';

CREATE FUNCTION last_id_of_slice(
    p_area text,
    p_from_id bigint,
    p_slice integer
)
RETURNS bigint
LANGUAGE sql
STABLE
SET search_path = public, pg_temp
RETURN coalesce(
    CASE p_area
        WHEN 'events' THEN (
            SELECT min(id)
            FROM (
                SELECT
                    id,
                    count(*) OVER slice >= p_slice
                        OR sum(bookings_count) OVER slice >= 10 * p_slice AS is_full
                FROM (
                    SELECT id, bookings_count
                    FROM events
                    WHERE id >= p_from_id
                    ORDER BY id
                    LIMIT p_slice
                ) AS next
                WINDOW slice AS (ORDER BY id)
            ) AS event
            WHERE is_full
        )
        WHEN 'tickets' THEN (
            SELECT id
            FROM tickets
            WHERE id >= p_from_id
            ORDER BY id
            OFFSET 10 * p_slice - 1
            LIMIT 1
        )
        WHEN 'users' THEN (
            SELECT id
            FROM users
            WHERE id >= p_from_id
            ORDER BY id
            OFFSET 10 * p_slice - 1
            LIMIT 1
        )
    END,
    9223372036854775807
);
COMMENT ON FUNCTION last_id_of_slice(text, bigint, integer) IS 'For sweep_integrity: the last'
    ' id of the slice that begins with p_from_id. A slice of events ends after p_slice events, or'
    ' earlier after 10 * p_slice bookings; one of tickets or users after 10 * p_slice rows. The'
    ' last slice ends at the largest bigint.';
REVOKE EXECUTE ON FUNCTION last_id_of_slice(text, bigint, integer) FROM PUBLIC;

CREATE FUNCTION sweep_integrity(p_slice integer DEFAULT 10000)
RETURNS SETOF integrity_sweep
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET jit = off
AS $$
DECLARE
    v_now constant timestamptz := clock_timestamp();
    v_sweep integrity_sweep;
    v_last_id bigint;
BEGIN
    IF p_slice IS NULL OR p_slice NOT BETWEEN 1 AND 1000000 THEN
        RAISE EXCEPTION 'p_slice must be between 1 and 1,000,000'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- Only when there is no row: ON CONFLICT would wait for a session that is checking a slice.
    IF NOT EXISTS (SELECT FROM integrity_sweep) THEN
        INSERT INTO integrity_sweep DEFAULT VALUES ON CONFLICT DO NOTHING;
    END IF;
    SELECT * INTO v_sweep FROM integrity_sweep FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF v_sweep.area IS NULL THEN
        v_sweep.area := 'events';
        v_sweep.began_at := v_now;
        v_sweep.events_checked := 0;
        v_sweep.events_total := (SELECT count(*) FROM events);
    END IF;

    v_last_id := last_id_of_slice(v_sweep.area, v_sweep.next_id, p_slice);
    DELETE FROM integrity_findings
    WHERE (v_sweep.area = 'events' AND event_id BETWEEN v_sweep.next_id AND v_last_id)
        OR (
            table_name = v_sweep.area
            AND event_id IS NULL
            AND row_id BETWEEN v_sweep.next_id AND v_last_id
        );
    INSERT INTO integrity_findings (kind, table_name, row_id, expected, actual, event_id, found_at)
    SELECT kind, table_name, row_id, expected, actual, event_id, v_now
    FROM (
        SELECT kind, table_name, row_id, expected, actual, event_id
        FROM integrity_violations_of(v_sweep.next_id, v_last_id)
        WHERE v_sweep.area = 'events'
        UNION ALL
        SELECT kind, table_name, row_id, expected, actual, NULL
        FROM integrity_violations_outside_events
        WHERE table_name = v_sweep.area
            AND row_id BETWEEN v_sweep.next_id AND v_last_id
    ) AS found
    LIMIT 1000;

    RETURN QUERY
    UPDATE integrity_sweep
    SET area = CASE
            WHEN v_last_id < 9223372036854775807 THEN v_sweep.area
            WHEN v_sweep.area = 'events' THEN 'tickets'
            WHEN v_sweep.area = 'tickets' THEN 'users'
            WHEN v_sweep.area = 'users' THEN 'event_words'
        END,
        next_id = CASE WHEN v_last_id < 9223372036854775807 THEN v_last_id + 1 ELSE 0 END,
        began_at = v_sweep.began_at,
        ended_at = CASE v_sweep.area
            WHEN 'event_words' THEN clock_timestamp()
            ELSE v_sweep.ended_at
        END,
        slice_at = clock_timestamp(),
        events_checked = v_sweep.events_checked + CASE v_sweep.area
            WHEN 'events' THEN (
                SELECT count(*) FROM events WHERE id BETWEEN v_sweep.next_id AND v_last_id
            )
            ELSE 0
        END,
        events_total = v_sweep.events_total
    RETURNING integrity_sweep.*;
END;
$$;
COMMENT ON FUNCTION sweep_integrity(integer) IS 'Checks the next slice for contradictions,'
    ' replaces what integrity_findings says about it, and returns how far the pass has come. No'
    ' row: another session is checking a slice. p_slice: how many events a slice has at most.';
REVOKE EXECUTE ON FUNCTION sweep_integrity(integer) FROM PUBLIC;

GRANT SELECT ON integrity_sweep, integrity_findings TO ticketing_api;
GRANT EXECUTE ON FUNCTION integrity_violations_of(bigint, bigint) TO ticketing_api, ticketing_reader;
GRANT EXECUTE ON FUNCTION sweep_integrity(integer) TO ticketing_api;
GRANT SELECT ON daily_ledger, ledger_entries, customers, sign_in_trouble TO ticketing_reader;

-- From here on each cancelled booking and each edit has a line in the log. The first release left
-- none when a booking was cancelled by hand, nor for generated events and bookings.
INSERT INTO activity (at, action, event_id, booking_id, user_id, detail)
SELECT
    bookings.cancelled_at,
    'booking-cancelled',
    bookings.event_id,
    bookings.id,
    bookings.user_id,
    jsonb_build_object(
        'quantity', bookings.quantity,
        'total_amount', bookings.total_amount::text,
        'added_by', '0004_integrity'
    )
FROM bookings
JOIN events ON events.id = bookings.event_id AND events.status <> 'cancelled'
WHERE bookings.status = 'cancelled'
    AND NOT EXISTS (
        SELECT
        FROM activity
        WHERE activity.booking_id = bookings.id
            AND activity.action = 'booking-cancelled'
    )
ORDER BY bookings.cancelled_at;

INSERT INTO activity (at, action, event_id, detail)
SELECT
    events.updated_at,
    CASE events.status
        WHEN 'active' THEN 'event-edited'::activity_action
        WHEN 'cancelled' THEN 'event-cancelled'
        WHEN 'completed' THEN 'event-completed'
    END,
    events.id,
    jsonb_build_object('added_by', '0004_integrity')
FROM events
LEFT JOIN (
    SELECT event_id, count(*) AS edits
    FROM activity
    WHERE action IN ('event-edited', 'event-cancelled', 'event-completed')
    GROUP BY event_id
) AS logged ON logged.event_id = events.id
CROSS JOIN LATERAL generate_series(1, events.version - 1 - coalesce(logged.edits, 0))
ORDER BY events.updated_at;

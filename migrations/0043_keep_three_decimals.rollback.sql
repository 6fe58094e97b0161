-- Takes 0043_keep_three_decimals back. It rewrites three tables under a lock: with ten million bookings
-- nobody can book for half a minute. Where a price has three decimals it refuses, for it would
-- round what customers were told.

-- A reader of a view locks the view first and then its tables: see README.md, Locks.
LOCK TABLE
    event_details,
    event_availability,
    event_sales,
    daily_sales,
    booking_details,
    ledger_entries,
    daily_ledger,
    event_figures_by_ledger,
    customers,
    event_figures
IN ACCESS EXCLUSIVE MODE;

-- Without price for a moment: what a function, a trigger or a view reads keeps its type.
CREATE OR REPLACE FUNCTION editable_fields(p_event events)
RETURNS jsonb
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN NULL::jsonb;

DROP TRIGGER events_raise_version ON events;
DROP TRIGGER events_begin_unsold ON events;
DROP TRIGGER events_counters_are_kept_by_triggers ON events;
DROP TRIGGER bookings_sale_is_never_rewritten ON bookings;

DROP VIEW
    event_details,
    event_availability,
    event_sales,
    daily_sales,
    booking_details,
    ledger_entries,
    daily_ledger,
    event_figures_by_ledger,
    customers;

DO $$
BEGIN
    IF EXISTS (SELECT FROM events WHERE min_scale(price) > 2)
        OR EXISTS (SELECT FROM bookings WHERE min_scale(unit_price) > 2)
    THEN
        RAISE EXCEPTION 'amounts with three decimals would be rounded'
            USING HINT = 'Restore a dump from before 0039, or stay with this release.';
    END IF;
END;
$$;

ALTER TABLE events
    DROP CONSTRAINT events_price_in_range,
    DROP CONSTRAINT events_price_within_3_decimals,
    DROP CONSTRAINT events_revenue_in_range,
    ALTER COLUMN price TYPE numeric(10, 2),
    ALTER COLUMN revenue TYPE numeric(16, 2),
    ALTER COLUMN revenue SET DEFAULT 0,
    ADD CONSTRAINT events_price_in_range CHECK (price BETWEEN 0 AND 99999999.99),
    ADD CONSTRAINT events_revenue_in_range CHECK (revenue BETWEEN 0 AND 99999999999999.99);
COMMENT ON COLUMN events.price IS
    'For one ticket, in the installation''s currency. A new price changes no existing booking.';

ALTER TABLE bookings
    DROP CONSTRAINT bookings_unit_price_in_range,
    DROP CONSTRAINT bookings_unit_price_within_3_decimals,
    DROP CONSTRAINT bookings_total_amount_is_price_times_quantity,
    ALTER COLUMN unit_price TYPE numeric(10, 2),
    ALTER COLUMN total_amount TYPE numeric(12, 2),
    ADD CONSTRAINT bookings_unit_price_in_range CHECK (unit_price BETWEEN 0 AND 99999999.99),
    ADD CONSTRAINT bookings_total_amount_is_price_times_quantity CHECK (
        total_amount = unit_price * quantity
    );

ALTER TABLE event_figures ALTER COLUMN revenue TYPE numeric(16, 2);

CREATE OR REPLACE FUNCTION editable_fields(p_event events)
RETURNS jsonb
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN jsonb_build_object(
    'title', p_event.title,
    'description', p_event.description,
    'venue', p_event.venue,
    -- As an instant in UTC, whatever the session's time zone.
    'date_time', to_char(timezone('UTC', p_event.date_time), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'time_zone', p_event.time_zone,
    'local_date_time', to_char(p_event.local_date_time, 'YYYY-MM-DD"T"HH24:MI:SS'),
    'capacity', p_event.capacity,
    'price', p_event.price::text,
    'max_tickets_per_booking', p_event.max_tickets_per_booking,
    'status', p_event.status,
    'doors_open', to_char(p_event.doors_open, 'HH24:MI'),
    'payment_note', p_event.payment_note,
    'cancellation_reason', p_event.cancellation_reason,
    'end_time', to_char(p_event.end_time, 'HH24:MI'),
    'address', p_event.address,
    'minimum_age', p_event.minimum_age,
    'access_note', p_event.access_note,
    'organiser_contact', p_event.organiser_contact,
    'poster_seed', p_event.poster_seed
);

CREATE TRIGGER events_raise_version
BEFORE UPDATE OF
    title, description, venue, date_time, time_zone, local_date_time, capacity, price,
    max_tickets_per_booking, status, doors_open, payment_note, cancellation_reason, end_time,
    address, minimum_age, access_note, organiser_contact, poster_seed
ON events
FOR EACH ROW EXECUTE FUNCTION raise_event_version();
COMMENT ON TRIGGER events_raise_version ON events IS 'An edit by hand raises the version, too.';

CREATE TRIGGER events_begin_unsold
BEFORE INSERT ON events
FOR EACH ROW
WHEN (
    NEW.tickets_sold <> 0
    OR NEW.bookings_count <> 0
    OR NEW.revenue <> 0
    OR NEW.tickets_checked_in <> 0
    OR NEW.counted_at IS NOT NULL
    OR NEW.version <> 1
)
EXECUTE FUNCTION refuse_change_unless_repairing(
    'an event begins at version 1 with nothing sold: triggers keep its counters and its version'
);
COMMENT ON TRIGGER events_begin_unsold ON events IS
    'Counters start at zero. Also refuses a data-only restore into a migrated database.';

CREATE TRIGGER events_counters_are_kept_by_triggers
BEFORE UPDATE OF tickets_sold, bookings_count, revenue, tickets_checked_in, counted_at ON events
FOR EACH STATEMENT
WHEN (pg_trigger_depth() = 0)
EXECUTE FUNCTION refuse_change_unless_repairing(
    'the counters of events are kept by triggers: recount_event() corrects them'
);
COMMENT ON TRIGGER events_counters_are_kept_by_triggers ON events IS
    'Nobody writes a counter by hand.';

CREATE TRIGGER bookings_sale_is_never_rewritten
BEFORE UPDATE OF
    id, user_id, event_id, quantity, unit_price, total_amount, booking_date, booked_by,
    idempotency_key
ON bookings
FOR EACH ROW
WHEN (
    (
        NEW.id, NEW.user_id, NEW.event_id, NEW.quantity, NEW.unit_price, NEW.total_amount,
        NEW.booking_date, NEW.booked_by, NEW.idempotency_key
    ) IS DISTINCT FROM (
        OLD.id, OLD.user_id, OLD.event_id, OLD.quantity, OLD.unit_price, OLD.total_amount,
        OLD.booking_date, OLD.booked_by, OLD.idempotency_key
    )
)
EXECUTE FUNCTION refuse_change_unless_repairing(
    'a sale is never rewritten: cancel the booking and book again'
);
COMMENT ON TRIGGER bookings_sale_is_never_rewritten ON bookings IS
    'Only status, cancelled_at and the counter of a booking change.';

CREATE VIEW event_details AS
SELECT
    id AS event_id,
    title,
    description,
    venue,
    date_time,
    time_zone,
    local_date_time,
    capacity,
    price,
    max_tickets_per_booking,
    status,
    events.bookable,
    events.tickets_available,
    version,
    created_at,
    updated_at,
    bookings_count AS bookings,
    tickets_sold,
    trunc(100.0 * tickets_sold / capacity, 1) AS percent_sold,
    tickets_checked_in,
    CASE WHEN date_time <= now() THEN tickets_sold - tickets_checked_in END AS no_shows,
    revenue,
    doors_open,
    payment_note,
    cancellation_reason,
    end_time,
    address,
    minimum_age,
    access_note,
    organiser_contact,
    poster_seed
FROM events;

COMMENT ON VIEW event_details IS
    'Every event with what can still be bought and how it sells. The figures count confirmed '
    'bookings.';
COMMENT ON COLUMN event_details.local_date_time IS
    'The time on the venue''s clock when it starts.';
COMMENT ON COLUMN event_details.doors_open IS
    'When the doors open, on the venue''s clock. NULL: nothing is announced.';
COMMENT ON COLUMN event_details.payment_note IS
    'How and where its tickets are paid. NULL: the note of the installation applies.';
COMMENT ON COLUMN event_details.cancellation_reason IS
    'Why it was cancelled. NULL: no reason is given, or it is not cancelled.';
COMMENT ON COLUMN event_details.end_time IS
    'When it ends, on the venue''s clock: the first such time after its start. NULL: nothing is '
    'announced.';
COMMENT ON COLUMN event_details.address IS
    'Where the venue is. NULL: its name is enough.';
COMMENT ON COLUMN event_details.minimum_age IS
    'How old a guest must be, in years. NULL: it is for every age.';
COMMENT ON COLUMN event_details.access_note IS
    'How people with disabilities get in and around. NULL: nothing is said.';
COMMENT ON COLUMN event_details.organiser_contact IS
    'Whom guests may ask. NULL: nobody is named.';
COMMENT ON COLUMN event_details.poster_seed IS
    'What its poster is drawn from.';
COMMENT ON COLUMN event_details.bookable IS
    'Active and not yet started. A sold-out event stays bookable, because a customer may cancel.';
COMMENT ON COLUMN event_details.tickets_available IS
    'How many tickets can still be sold; 0 is sold out.';
COMMENT ON COLUMN event_details.bookings IS 'Confirmed bookings.';
COMMENT ON COLUMN event_details.tickets_sold IS 'Tickets of confirmed bookings.';
COMMENT ON COLUMN event_details.percent_sold IS 'Rounded down: 100.0 is sold out.';
COMMENT ON COLUMN event_details.tickets_checked_in IS 'Used tickets of confirmed bookings.';
COMMENT ON COLUMN event_details.no_shows IS
    'Tickets sold and not used, once the event has started. NULL: it has not.';
COMMENT ON COLUMN event_details.revenue IS 'Total amount of confirmed bookings.';

CREATE VIEW event_availability AS
SELECT
    id AS event_id,
    title,
    description,
    venue,
    date_time,
    time_zone,
    capacity,
    price,
    max_tickets_per_booking,
    status,
    tickets_sold,
    events.tickets_available,
    events.bookable,
    version,
    created_at,
    updated_at,
    local_date_time
FROM events;

COMMENT ON VIEW event_availability IS
    'Use event_details. This view is kept for API processes of the previous release while they are '
    'being replaced. The next release drops it.';
COMMENT ON COLUMN event_availability.tickets_available IS
    'How many can still be sold; 0 is sold out.';
COMMENT ON COLUMN event_availability.local_date_time IS
    'The time on the venue''s clock when it starts.';
COMMENT ON COLUMN event_availability.bookable IS
    'Active and not yet started. A sold-out event stays bookable: somebody may cancel.';

CREATE VIEW event_sales AS
SELECT
    event_id,
    title,
    venue,
    date_time,
    time_zone,
    status,
    capacity,
    bookings,
    tickets_sold,
    percent_sold,
    tickets_checked_in,
    no_shows,
    revenue
FROM event_details;

COMMENT ON VIEW event_sales IS
    'How each event sells: bookings, tickets and revenue of confirmed bookings.';
COMMENT ON COLUMN event_sales.bookings IS 'Confirmed bookings.';
COMMENT ON COLUMN event_sales.tickets_sold IS 'Tickets of confirmed bookings.';
COMMENT ON COLUMN event_sales.percent_sold IS 'Rounded down: 100.0 is sold out.';
COMMENT ON COLUMN event_sales.tickets_checked_in IS 'Used tickets of confirmed bookings.';
COMMENT ON COLUMN event_sales.no_shows IS
    'Tickets sold and not used, once the event has started. NULL: it has not.';
COMMENT ON COLUMN event_sales.revenue IS 'Total amount of confirmed bookings.';

CREATE VIEW daily_sales AS
SELECT
    bookings.event_id,
    events.title,
    events.venue,
    timezone(clock.time_zone, bookings.booking_date)::date AS date,
    count(*) AS bookings,
    sum(bookings.quantity) AS tickets,
    sum(bookings.total_amount) AS revenue
FROM bookings
LEFT JOIN events ON events.id = bookings.event_id
-- OFFSET and LEFT keep this apart from the rest of the query: it runs once for each zone, and
-- PostgreSQL remembers the result.
LEFT JOIN LATERAL (
    SELECT usable_time_zone(events.time_zone, events.utc_offset) AS time_zone
    OFFSET 0
) AS clock ON true
WHERE bookings.status = 'confirmed'
GROUP BY bookings.event_id, events.id, timezone(clock.time_zone, bookings.booking_date)::date;

COMMENT ON VIEW daily_sales IS
    'Bookings that are confirmed now, their tickets and revenue, by event and day. For figures of '
    'a day that never change, see daily_ledger.';
COMMENT ON COLUMN daily_sales.date IS 'The day of booking, in the event''s time zone.';

CREATE VIEW booking_details AS
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

COMMENT ON VIEW booking_details IS
    'Who bought what: every booking with its event and customer. Phone numbers are masked.';
COMMENT ON COLUMN booking_details.cancelled_at IS 'NULL: the booking is confirmed.';
COMMENT ON COLUMN booking_details.customer_phone IS 'Masked.';
COMMENT ON COLUMN booking_details.box_office IS 'True when another user booked for the customer.';

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

COMMENT ON VIEW ledger_entries IS
    'Every booking as an entry when it was made, and another when it was cancelled. The sum up to '
    'a moment is what was sold then; entries never change.';
COMMENT ON COLUMN ledger_entries.at IS 'When it was booked or cancelled.';
COMMENT ON COLUMN ledger_entries.entry IS 'booked or cancelled.';
COMMENT ON COLUMN ledger_entries.tickets IS 'Negative when cancelled.';
COMMENT ON COLUMN ledger_entries.amount IS 'Negative when cancelled.';

CREATE VIEW daily_ledger AS
SELECT
    ledger_entries.event_id,
    events.title,
    events.venue,
    timezone(clock.time_zone, ledger_entries.at)::date AS date,
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
-- OFFSET and LEFT keep this apart from the rest of the query: it runs once for each zone, and
-- PostgreSQL remembers the result.
LEFT JOIN LATERAL (
    SELECT usable_time_zone(events.time_zone, events.utc_offset) AS time_zone
    OFFSET 0
) AS clock ON true
GROUP BY ledger_entries.event_id, events.id, timezone(clock.time_zone, ledger_entries.at)::date;

COMMENT ON VIEW daily_ledger IS
    'Bookings, tickets and money booked, cancelled and net, by event and day. A day that is over '
    'never changes, unless its event moves to another time zone.';
COMMENT ON COLUMN daily_ledger.date IS
    'The day of booking or cancelling, in the event''s time zone.';
COMMENT ON COLUMN daily_ledger.tickets_cancelled IS 'Not negative.';
COMMENT ON COLUMN daily_ledger.amount_cancelled IS 'Not negative.';
COMMENT ON COLUMN daily_ledger.amount_net IS 'amount_booked - amount_cancelled.';
COMMENT ON COLUMN daily_ledger.tickets_net IS 'tickets_booked - tickets_cancelled.';

CREATE VIEW event_figures_by_ledger AS
SELECT
    event_id,
    at,
    (sum(bookings) OVER so_far)::integer AS bookings_count,
    (sum(tickets) OVER so_far)::integer AS tickets_sold,
    (sum(amount) OVER so_far)::numeric(16, 2) AS revenue,
    (sum(checked_in) OVER so_far)::integer AS tickets_checked_in
FROM (
    SELECT
        event_id,
        at,
        sum(bookings) AS bookings,
        sum(tickets) AS tickets,
        sum(amount) AS amount,
        sum(checked_in) AS checked_in
    FROM (
        SELECT event_id, booking_date AS at, 1 AS bookings, quantity AS tickets,
            total_amount AS amount, 0 AS checked_in
        FROM bookings
        UNION ALL
        SELECT event_id, cancelled_at AS at, -1 AS bookings, -quantity AS tickets,
            -total_amount AS amount, -tickets_checked_in AS checked_in
        FROM bookings
        WHERE status = 'cancelled'
        UNION ALL
        SELECT bookings.event_id, tickets.used_at AS at, 0 AS bookings, 0 AS tickets,
            0 AS amount, 1 AS checked_in
        FROM bookings
        JOIN tickets ON tickets.booking_id = bookings.id
        WHERE tickets.status = 'used'
    ) AS change
    GROUP BY event_id, at
) AS moment
WINDOW so_far AS (PARTITION BY event_id ORDER BY at);

COMMENT ON VIEW event_figures_by_ledger IS
    'What the counters of each event were from one booking, cancellation or check-in to the next, '
    'computed from the ledger. event_figures holds the same as it was recorded.';
COMMENT ON COLUMN event_figures_by_ledger.at IS 'When the counters became this.';

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

COMMENT ON VIEW customers IS
    'Everybody with an account, also those who never booked, with what they have bought. Phone '
    'numbers are masked. role tells who is an admin.';
COMMENT ON COLUMN customers.phone IS 'Masked.';
COMMENT ON COLUMN customers.since IS 'When the account was created.';
COMMENT ON COLUMN customers.can_sign_in IS 'False: created at the box office, without a password.';
COMMENT ON COLUMN customers.first_booking IS
    'When they first booked, confirmed or cancelled. NULL: never.';
COMMENT ON COLUMN customers.last_booking IS
    'When they last booked, confirmed or cancelled. NULL: never.';
COMMENT ON COLUMN customers.bookings IS 'Confirmed bookings.';
COMMENT ON COLUMN customers.cancellations IS
    'Cancelled bookings, those of cancelled events included.';
COMMENT ON COLUMN customers.tickets IS 'Tickets of confirmed bookings.';
COMMENT ON COLUMN customers.spent IS 'Total amount of confirmed bookings.';

GRANT SELECT ON
    event_details,
    event_availability,
    event_sales,
    daily_sales
TO ticketing_api;
GRANT SELECT ON
    event_details,
    event_availability,
    event_sales,
    daily_sales,
    booking_details,
    ledger_entries,
    daily_ledger,
    customers
TO ticketing_reader;

-- bookings: who bought how many tickets for what, at which price. The ledger: a row is written
-- once, becomes cancelled at most once, and is never rewritten or deleted
-- (sql/triggers/bookings.sql).

CREATE TABLE bookings (
    id                 bigint         GENERATED ALWAYS AS IDENTITY,
    user_id            bigint         NOT NULL,
    event_id           bigint         NOT NULL,
    quantity           integer        NOT NULL,
    unit_price         numeric        NOT NULL,
    total_amount       numeric        NOT NULL,
    booking_date       timestamptz    NOT NULL,  -- a trigger sets it when it is left out
    status             booking_status NOT NULL DEFAULT 'confirmed',
    booked_by          bigint         NOT NULL,
    idempotency_key    text COLLATE "C",                     -- NULL: booked without one
    cancelled_at       timestamptz,                          -- NULL: confirmed
    tickets_checked_in integer        NOT NULL DEFAULT 0,
    written_in         xid8           NOT NULL DEFAULT pg_current_xact_id(),
    beyond_customer_limit boolean     NOT NULL DEFAULT false,
    CONSTRAINT bookings_pkey PRIMARY KEY (id),
    CONSTRAINT bookings_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT bookings_event_id_fkey
        FOREIGN KEY (event_id) REFERENCES events (id) ON DELETE RESTRICT,
    CONSTRAINT bookings_booked_by_fkey
        FOREIGN KEY (booked_by) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT bookings_quantity_positive CHECK (quantity BETWEEN 1 AND 100),
    CONSTRAINT bookings_unit_price_in_range CHECK (unit_price BETWEEN 0 AND 99999999.99),
    CONSTRAINT bookings_unit_price_within_3_decimals CHECK (min_scale(unit_price) <= 3),
    CONSTRAINT bookings_total_amount_is_price_times_quantity CHECK (
        total_amount = unit_price * quantity
    ),
    CONSTRAINT bookings_cancelled_exactly_when_cancelled_at CHECK (
        (status = 'cancelled') = (cancelled_at IS NOT NULL)
    ),
    CONSTRAINT bookings_booking_date_before_2100 CHECK (
        booking_date < timestamptz '2100-01-01 00:00:00+00'
    ),
    CONSTRAINT bookings_cancelled_after_booked CHECK (cancelled_at >= booking_date),
    CONSTRAINT bookings_idempotency_key_visible_ascii CHECK (
        char_length(idempotency_key) BETWEEN 1 AND 64 AND idempotency_key !~ '[^!-~]'
    ),
    CONSTRAINT bookings_tickets_checked_in_in_range CHECK (
        tickets_checked_in BETWEEN 0 AND quantity
    )
)
-- Leave free space on each page, so that an update by a check-in or a cancellation stays on the
-- page, and vacuum when 2 % of the rows have changed (the default is 20 %).
WITH (
    fillfactor = 90,
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_insert_scale_factor = 0.02
);

-- One booking for each key of a customer: a retried request finds the booking it already made.
CREATE UNIQUE INDEX bookings_one_per_idempotency_key
ON bookings (user_id, idempotency_key)
WHERE idempotency_key IS NOT NULL;

-- list_user_bookings.sql: a customer's bookings, newest first.
CREATE INDEX bookings_by_user ON bookings (user_id, booking_date DESC, id DESC);

-- list_event_bookings.sql: an event's bookings, newest first.
CREATE INDEX bookings_by_event ON bookings (event_id, booking_date DESC, id DESC);

-- ledger_entries: what was booked or cancelled within some hours or days.
CREATE INDEX bookings_by_time
ON bookings USING brin (booking_date, cancelled_at)
WITH (autosummarize = on);

-- fan_out_facts(): the bookings after the last one it has read, by transaction and id.
CREATE INDEX bookings_in_commit_order ON bookings (written_in, id);

-- How many tickets of an event a customer has: tickets_owned() and book_tickets(). It also finds the
-- confirmed bookings of an event.
CREATE INDEX bookings_of_customer_for_event ON bookings (event_id, user_id) INCLUDE (quantity)
WHERE status = 'confirmed';

-- export_user(): what an admin booked for customers.
CREATE INDEX bookings_for_others ON bookings (booked_by) WHERE booked_by <> user_id;

COMMENT ON TABLE bookings IS
    'The ledger of sales. A booking is written once, may become cancelled once, and is otherwise '
    'never changed or deleted, no matter who writes. UPDATE bookings SET status = ''cancelled'' '
    'cancels its tickets as well.';
COMMENT ON COLUMN bookings.user_id IS 'The customer the tickets are for.';
COMMENT ON COLUMN bookings.event_id IS 'The event the tickets are for.';
COMMENT ON COLUMN bookings.unit_price IS 'What one ticket cost when it was booked.';
COMMENT ON COLUMN bookings.booking_date IS
    'When it was booked: the database''s clock, read while the event was locked. A trigger '
    'replaces any other time that an INSERT gives, except in a repair.';
COMMENT ON COLUMN bookings.booked_by IS
    'The user who booked: the customer, or an admin at the box office.';
COMMENT ON COLUMN bookings.idempotency_key IS
    'Chosen by the client, and unique for each customer. Repeating the request with this key '
    'returns this booking; a request for another event or quantity with it is refused (TK007). '
    'NULL: booked without a key.';
COMMENT ON COLUMN bookings.cancelled_at IS
    'When it was cancelled: the database''s clock, read while the event was locked. A trigger '
    'sets it. NULL: the booking is confirmed.';
COMMENT ON COLUMN bookings.tickets_checked_in IS
    'Counter kept by triggers: used tickets of this booking.';
COMMENT ON COLUMN bookings.written_in IS
    'The id of the transaction that booked it. This is the default, and a trigger enforces it. The '
    'view facts is read in the order of these ids, so that no booking is missed. 0: it was booked '
    'before this column existed.';
COMMENT ON COLUMN bookings.beyond_customer_limit IS
    'Whether the box office said that this booking may exceed events.max_tickets_per_customer. Its '
    'tickets count, so that the customer cannot book more by themselves.';
COMMENT ON INDEX bookings_one_per_idempotency_key IS
    'Prevents a second booking for a retried request. Partial: bookings without a key are not '
    'limited.';
COMMENT ON INDEX bookings_by_user IS 'For list_user_bookings.';
COMMENT ON INDEX bookings_by_event IS
    'For list_event_bookings, daily_sales and cancelling an event.';
COMMENT ON INDEX bookings_by_time IS
    'For a range of time in ledger_entries and booking_details. BRIN: the rows are stored in the '
    'order in which they were booked, so an index of a few kilobytes is enough.';
COMMENT ON INDEX bookings_in_commit_order IS 'For fan_out_facts.';
COMMENT ON INDEX bookings_of_customer_for_event IS
    'For the limit of a customer, and for the confirmed bookings of an event. Partial: cancelled '
    'bookings do not count.';
COMMENT ON INDEX bookings_for_others IS
    'For export_user. Partial: most customers book for themselves.';

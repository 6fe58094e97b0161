-- bookings: who bought how many tickets for what, at which price. The ledger: a row is written
-- once, becomes cancelled at most once, and is never rewritten or deleted
-- (sql/triggers/ledger.sql).

CREATE TABLE bookings (
    id                 bigint         GENERATED ALWAYS AS IDENTITY,
    user_id            bigint         NOT NULL,
    event_id           bigint         NOT NULL,
    quantity           integer        NOT NULL,
    unit_price         numeric(10, 2) NOT NULL,
    total_amount       numeric(12, 2) NOT NULL,
    booking_date       timestamptz    NOT NULL,  -- a trigger writes the time, also over NULL
    status             booking_status NOT NULL DEFAULT 'confirmed',
    booked_by          bigint         NOT NULL,
    idempotency_key    text COLLATE "C",                     -- NULL: booked without one
    cancelled_at       timestamptz,                          -- NULL: confirmed
    tickets_checked_in integer        NOT NULL DEFAULT 0,
    CONSTRAINT bookings_pkey PRIMARY KEY (id),
    CONSTRAINT bookings_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT bookings_event_id_fkey
        FOREIGN KEY (event_id) REFERENCES events (id) ON DELETE RESTRICT,
    CONSTRAINT bookings_booked_by_fkey
        FOREIGN KEY (booked_by) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT bookings_quantity_positive CHECK (quantity BETWEEN 1 AND 100),
    CONSTRAINT bookings_unit_price_in_range CHECK (unit_price BETWEEN 0 AND 99999999.99),
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
-- Leave room on each page for the update that a check-in makes, and vacuum long before a fifth of
-- the rows has changed.
WITH (
    fillfactor = 90,
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_insert_scale_factor = 0.02
);

-- One booking a key: a retried request finds the booking it already made.
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

COMMENT ON TABLE bookings IS
    'The ledger of sales. A booking is written once, may become cancelled once, and is otherwise '
    'never changed or deleted, no matter who writes. UPDATE bookings SET status = ''cancelled'' '
    'cancels its tickets as well.';
COMMENT ON COLUMN bookings.user_id IS 'The customer the tickets are for.';
COMMENT ON COLUMN bookings.event_id IS 'The event the tickets are for.';
COMMENT ON COLUMN bookings.unit_price IS 'What one ticket cost when it was booked.';
COMMENT ON COLUMN bookings.booking_date IS
    'When it was booked: the database''s clock under the event''s lock. A trigger sets it, '
    'whatever an INSERT says.';
COMMENT ON COLUMN bookings.booked_by IS
    'The user who booked: the customer, or an admin at the box office.';
COMMENT ON COLUMN bookings.idempotency_key IS
    'Chosen by the client and unique for the customer: a request with the same key returns this '
    'booking. NULL: booked without a key.';
COMMENT ON COLUMN bookings.cancelled_at IS
    'When it was cancelled: the database''s clock under the event''s lock; a trigger sets it. '
    'NULL: the booking is confirmed.';
COMMENT ON COLUMN bookings.tickets_checked_in IS
    'Counter kept by triggers: used tickets of this booking.';
COMMENT ON INDEX bookings_one_per_idempotency_key IS
    'Prevents a second booking for a retried request. Partial: bookings without a key are not '
    'limited.';
COMMENT ON INDEX bookings_by_user IS 'For list_user_bookings.';
COMMENT ON INDEX bookings_by_event IS
    'For list_event_bookings, daily_sales and cancelling an event.';
COMMENT ON INDEX bookings_by_time IS
    'For a range of time in ledger_entries and booking_details. BRIN: rows lie in the order they '
    'were booked in, so that some kilobytes are enough.';

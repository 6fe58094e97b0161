-- tickets: one row admits one person, once. That person shows its code at the door.

CREATE TABLE tickets (
    id          bigint        GENERATED ALWAYS AS IDENTITY,
    booking_id  bigint        NOT NULL,
    ticket_code text          NOT NULL,
    status      ticket_status NOT NULL DEFAULT 'active',
    used_at     timestamptz,                                 -- NULL: has not admitted anybody
    CONSTRAINT tickets_pkey PRIMARY KEY (id),
    CONSTRAINT tickets_booking_id_fkey
        FOREIGN KEY (booking_id) REFERENCES bookings (id) ON DELETE CASCADE,
    CONSTRAINT tickets_code_unique UNIQUE (ticket_code),
    CONSTRAINT tickets_code_format CHECK (
        ticket_code ~ '^([0-9A-HJKMNP-TV-Z]{5}-){4}[0-9A-HJKMNP-TV-Z]$'
    ),
    -- Checked after the format, whose name comes first in the alphabet.
    CONSTRAINT tickets_code_has_check_symbol CHECK (
        right(ticket_code, 1) = ticket_code_check_symbol(replace(left(ticket_code, 23), '-', ''))
    ),
    CONSTRAINT tickets_used_exactly_when_used_at CHECK ((status = 'used') = (used_at IS NOT NULL))
)
-- As for bookings.
WITH (
    fillfactor = 90,
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_insert_scale_factor = 0.02
);

-- The tickets of a booking, in the order they were written.
CREATE INDEX tickets_by_booking ON tickets (booking_id, id);

COMMENT ON TABLE tickets IS
    'One row admits one person, once. A trigger writes the tickets of a booking with it and '
    'cancels them with it.';
COMMENT ON COLUMN tickets.booking_id IS 'The booking it was sold with.';
COMMENT ON COLUMN tickets.ticket_code IS
    'What the customer shows at the door: XXXXX-XXXXX-XXXXX-XXXXX-X. The first group is the '
    'event''s, three are random, the last symbol is a check symbol.';
COMMENT ON COLUMN tickets.used_at IS
    'When it admitted somebody: the database''s clock under the booking''s lock; a trigger sets '
    'it. NULL: it has not.';
COMMENT ON CONSTRAINT tickets_code_unique ON tickets IS
    'Each code belongs to one ticket. Check-in finds a ticket by the index of this constraint.';
COMMENT ON INDEX tickets_by_booking IS
    'For showing a booking with its tickets, and for cancelling it.';

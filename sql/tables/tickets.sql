-- tickets: one row admits one person, once. The code is what they hold.

CREATE TABLE tickets (
    id          bigint        GENERATED ALWAYS AS IDENTITY,
    booking_id  bigint        NOT NULL,
    ticket_code text          NOT NULL DEFAULT new_ticket_code(),
    status      ticket_status NOT NULL DEFAULT 'active',
    used_at     timestamptz,                                 -- NULL: has not admitted anybody
    CONSTRAINT tickets_pkey PRIMARY KEY (id),
    CONSTRAINT tickets_booking_id_fkey FOREIGN KEY (booking_id) REFERENCES bookings (id) ON DELETE CASCADE,
    CONSTRAINT tickets_code_unique UNIQUE (ticket_code),
    CONSTRAINT tickets_code_format CHECK (ticket_code ~ '^([0-9A-HJKMNP-TV-Z]{5}-){4}[0-9A-HJKMNP-TV-Z]$'),
    CONSTRAINT tickets_used_exactly_when_used_at CHECK ((status = 'used') = (used_at IS NOT NULL))
)
-- As for bookings.
WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02);

-- The tickets of a booking, in the order they were written.
CREATE INDEX tickets_by_booking ON tickets (booking_id, id);

COMMENT ON TABLE tickets IS 'One row admits one person, once. Tickets go with their booking.';
COMMENT ON COLUMN tickets.booking_id IS 'Never changes: a trigger refuses it.';
COMMENT ON COLUMN tickets.ticket_code IS 'What the customer shows at the door: XXXXX-XXXXX-XXXXX-XXXXX-X, unguessable, the last symbol a check symbol.';
COMMENT ON COLUMN tickets.used_at IS 'When it admitted somebody. NULL: it has not.';
COMMENT ON CONSTRAINT tickets_code_unique ON tickets IS 'A code is one ticket''s; its index is how check-in finds a ticket.';
COMMENT ON INDEX tickets_by_booking IS 'For showing a booking with its tickets, and for cancelling it.';

-- The types. Beside each value of a status stand the statuses that may follow it.

CREATE TYPE user_role AS ENUM (
    'customer',
    'admin'
);
COMMENT ON TYPE user_role IS
    'customer: books for themselves. admin: runs events, sells at the box office, checks tickets '
    'in.';

CREATE TYPE event_status AS ENUM (
    'active',     -- -> cancelled, completed
    'cancelled',  -- final
    'completed'   -- final
);
COMMENT ON TYPE event_status IS
    'active: on sale until it starts. cancelled and completed are final: the event is read-only '
    'from then on.';

CREATE TYPE booking_status AS ENUM (
    'confirmed',  -- -> cancelled
    'cancelled'   -- final
);
COMMENT ON TYPE booking_status IS 'confirmed at once when booked; cancelled is final.';

CREATE TYPE ticket_status AS ENUM (
    'active',     -- -> used, cancelled
    'used',       -- final
    'cancelled'   -- final
);
COMMENT ON TYPE ticket_status IS
    'active: admits one person. used: has admitted. cancelled: admits nobody.';

-- The CHECKs of a domain run when a value is written. The CHECKs of a table run at every update of
-- a row, which for an event is every sale, and reading 10,000 characters takes ten times as long as
-- the rest of that update.
CREATE DOMAIN event_description AS text
    CONSTRAINT events_description_within_10000 CHECK (char_length(VALUE) <= 10000)
    CONSTRAINT events_description_no_control_characters CHECK (
        NOT has_control_characters(translate(VALUE, E'\t\n', ''))
    );
COMMENT ON DOMAIN event_description IS
    'Paragraphs of at most 10,000 characters, without control characters except tab and line feed.';

-- PostgreSQL also has 24:00, which no clock shows.
CREATE DOMAIN time_of_day AS time(0)
    CONSTRAINT time_of_day_on_a_clock CHECK (VALUE < time '24:00');
COMMENT ON DOMAIN time_of_day IS 'What a clock shows, from 00:00:00 to 23:59:59.';

CREATE DOMAIN note AS text
    CONSTRAINT note_not_blank CHECK (NOT is_blank(VALUE))
    CONSTRAINT note_within_500 CHECK (char_length(VALUE) <= 500)
    CONSTRAINT note_one_line CHECK (NOT has_control_characters(VALUE));
COMMENT ON DOMAIN note IS 'A sentence or two to customers: one line of plain text.';

CREATE TYPE activity_action AS ENUM (
    'event-created',
    'event-edited',
    'event-cancelled',
    'event-completed',
    'booking-cancelled',
    'ticket-admitted',
    'user-created',
    'user-changed'
);
COMMENT ON TYPE activity_action IS
    'The actions that the activity log records. A sale is not one of them: its booking is its '
    'record.';

-- What book_tickets() takes and what it answers with. A batch is an array of requests.
CREATE TYPE booking_request AS (
    user_id bigint,
    event_id bigint,
    quantity integer,
    idempotency_key text,
    booked_by bigint,
    expected_total numeric
);
COMMENT ON TYPE booking_request IS
    'What book_tickets() takes: who wants how many tickets for what.';
COMMENT ON COLUMN booking_request.user_id IS 'The customer the tickets are for.';
COMMENT ON COLUMN booking_request.idempotency_key IS
    'A request with the same customer and key returns the booking as it is now. NULL: the request '
    'has no key.';
COMMENT ON COLUMN booking_request.booked_by IS 'The user who books. NULL: the customer.';
COMMENT ON COLUMN booking_request.expected_total IS
    'The request is refused when price times quantity is another amount. NULL: any total is '
    'accepted.';

CREATE TYPE booking_with_tickets AS (
    id bigint,
    user_id bigint,
    event_id bigint,
    quantity integer,
    unit_price numeric,
    total_amount numeric,
    status booking_status,
    booking_date timestamptz,
    cancelled_at timestamptz,
    booked_by bigint,
    cancellable boolean,
    event_title text,
    event_venue text,
    event_date_time timestamptz,
    event_time_zone text,
    event_status event_status,
    tickets jsonb,
    event_bookable boolean,
    event_doors_open time_of_day,
    event_payment_note note,
    event_cancellation_reason note,
    changes jsonb,
    event_end_time time_of_day,
    event_address note,
    event_minimum_age integer,
    event_access_note note,
    event_organiser_contact note
);
COMMENT ON TYPE booking_with_tickets IS
    'A booking as its owner sees it, with its event and its tickets, codes included. A type and '
    'not a view: views are for people who must not see codes.';
COMMENT ON COLUMN booking_with_tickets.cancellable IS
    'Whether it can be cancelled: see cancellable().';
COMMENT ON COLUMN booking_with_tickets.changes IS
    'What changed about the event since it was booked: see event_changes_since().';
COMMENT ON COLUMN booking_with_tickets.tickets IS
    'An array of objects with id, ticket_code, status and used_at. NULL: the booking has no '
    'tickets, which a repair can cause.';

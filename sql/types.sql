-- The types. Beside each value of a status stand the statuses that may follow it.

CREATE TYPE user_role AS ENUM (
    'customer',
    'admin'
);
COMMENT ON TYPE user_role IS
    'customer: books for themselves. admin: runs events, sells at the box office, checks tickets '
    'in.';

CREATE TYPE event_status AS ENUM (
    'draft',      -- -> active, cancelled
    'active',     -- -> cancelled, completed
    'cancelled',  -- final
    'completed'   -- final
);
COMMENT ON TYPE event_status IS
    'draft: only admins see it. active: on sale until it starts. cancelled and completed are '
    'final: the event is read-only from then on.';

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

CREATE DOMAIN event_category AS text
    CONSTRAINT event_category_not_blank CHECK (NOT is_blank(VALUE))
    CONSTRAINT event_category_within_40 CHECK (char_length(VALUE) <= 40)
    CONSTRAINT event_category_one_line CHECK (NOT has_control_characters(VALUE));
COMMENT ON DOMAIN event_category IS
    'What kind of event it is, in a word or two of the house: Concert, Comedy, Film.';

CREATE TYPE notice_kind AS ENUM (
    'booking-confirmed',
    'booking-cancelled',
    'event-changed',
    'event-cancelled',
    'event-message',
    'event-reminder'
);
COMMENT ON TYPE notice_kind IS
    'What customers are told. event-message: an organiser wrote to all holders of tickets.';

CREATE TYPE mail_purpose AS ENUM (
    'notice',
    'email-verification',
    'password-reset'
);
COMMENT ON TYPE mail_purpose IS 'Why a mail is sent.';

CREATE TYPE link_purpose AS ENUM (
    'email-verification',
    'password-reset',
    'unsubscription'
);
COMMENT ON TYPE link_purpose IS 'What a link in a mail is for.';

CREATE TYPE token_scope AS ENUM (
    'door',
    'box-office',
    'events',
    'reports',
    'webhooks'
);
COMMENT ON TYPE token_scope IS
    'What an API token may do, beside what anybody may. door: check tickets in. box-office: book '
    'and cancel for customers. events: create and edit events, write to their guests. reports: '
    'read figures, bookings and history. webhooks: manage webhooks.';

CREATE FUNCTION webhook_types()
RETURNS text[]
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN ARRAY[
    'booking.confirmed', 'booking.cancelled', 'ticket.admitted', 'event.created', 'event.changed',
    'event.cancelled', 'event.completed', 'event.message-sent', 'user.created', 'user.changed',
    'user.erased', 'webhook.created', 'webhook.changed', 'webhook.deleted', 'webhook.replayed',
    'token.created', 'token.revoked', 'customer.notice', 'phone.code'
];
COMMENT ON FUNCTION webhook_types IS 'The types of messages that a webhook endpoint can ask for.';

CREATE TYPE activity_action AS ENUM (
    'event-created',
    'event-edited',
    'event-cancelled',
    'event-completed',
    'booking-cancelled',
    'ticket-admitted',
    'user-created',
    'user-changed',
    'event-message-sent',
    'webhook-created',
    'webhook-changed',
    'webhook-deleted',
    'webhook-replayed',
    'token-created',
    'token-revoked',
    'user-erased'
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
    event_organiser_contact note,
    event_poster_seed integer,
    cancelled_before_event boolean
);
COMMENT ON TYPE booking_with_tickets IS
    'A booking as its owner sees it, with its event and its tickets, codes included. A type and '
    'not a view: views are for people who must not see codes.';
COMMENT ON COLUMN booking_with_tickets.cancellable IS
    'Whether it can be cancelled: see cancellable().';
COMMENT ON COLUMN booking_with_tickets.cancelled_before_event IS
    'Whether the event was cancelled after the booking: see cancelled_before_event().';
COMMENT ON COLUMN booking_with_tickets.changes IS
    'What changed about the event since it was booked: see event_changes_since().';
COMMENT ON COLUMN booking_with_tickets.tickets IS
    'An array of objects with id, ticket_code, status and used_at. NULL: the booking has no '
    'tickets, which a repair can cause.';

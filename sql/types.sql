-- Enumerations. Each value says what may follow it.

CREATE TYPE user_role AS ENUM (
    'customer',
    'admin'
);
COMMENT ON TYPE user_role IS 'customer: books for themselves. admin: runs events, sells at the box office, checks tickets in.';

CREATE TYPE event_status AS ENUM (
    'active',     -- -> cancelled, completed
    'cancelled',  -- final
    'completed'   -- final
);
COMMENT ON TYPE event_status IS 'active: on sale until it starts. cancelled and completed are final: the event is read-only from then on.';

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
COMMENT ON TYPE ticket_status IS 'active: admits one person. used: has admitted. cancelled: admits nobody.';

-- A domain's CHECKs run when a value is written. A table's run at every update of its row: at
-- each sale, for an event, and looking through 10,000 characters takes ten times a sale's update.
CREATE DOMAIN event_description AS text
    CONSTRAINT events_description_within_10000 CHECK (char_length(VALUE) <= 10000)
    CONSTRAINT events_description_no_control_characters CHECK (NOT has_control_characters(translate(VALUE, E'\t\n', '')));
COMMENT ON DOMAIN event_description IS 'Paragraphs of at most 10,000 characters; no control characters but tab and line feed.';

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
COMMENT ON TYPE activity_action IS 'What the activity log records. A sale is not among them: a sale is its booking row.';

-- activity: what admins and customers did that is not visible from the rows themselves.
-- Append-only, and written in the transaction that did it. It has no foreign keys: the log
-- outlives what it tells of.

CREATE TABLE activity (
    id         bigint          GENERATED ALWAYS AS IDENTITY,
    at         timestamptz     NOT NULL DEFAULT clock_timestamp(),
    actor_id   bigint,         -- NULL: nobody signed in, done in psql
    action     activity_action NOT NULL,
    event_id   bigint,         -- NULL: not about an event
    booking_id bigint,         -- NULL: not about a booking
    ticket_id  bigint,         -- NULL: not about a ticket
    user_id    bigint,         -- NULL: not about a user
    detail     jsonb           NOT NULL DEFAULT '{}',
    CONSTRAINT activity_pkey PRIMARY KEY (id),
    CONSTRAINT activity_detail_is_object CHECK (jsonb_typeof(detail) = 'object')
);

-- recent_activity of one event: who cancelled it, and what it was before.
CREATE INDEX activity_by_event ON activity (event_id, id) WHERE event_id IS NOT NULL;

COMMENT ON TABLE activity IS 'Append-only log: events created, edited, cancelled, completed; bookings cancelled; tickets admitted; users created or changed by an admin. A sale is its booking row.';
COMMENT ON COLUMN activity.actor_id IS 'The user who did it. NULL: nobody signed in, it was done in psql.';
COMMENT ON COLUMN activity.event_id IS 'NULL: not about an event.';
COMMENT ON COLUMN activity.booking_id IS 'NULL: not about a booking.';
COMMENT ON COLUMN activity.ticket_id IS 'NULL: not about a ticket.';
COMMENT ON COLUMN activity.user_id IS 'The user it was done to, or whose booking or ticket it was. NULL: no user.';
COMMENT ON COLUMN activity.detail IS 'For edits: {"was": {...}, "became": {...}} with the fields that changed. Never a phone, a password or a ticket code.';
COMMENT ON INDEX activity_by_event IS 'For the history of one event. Partial: most rows about users have no event.';

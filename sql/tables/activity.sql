-- activity: what admins and customers did that is not visible from the rows themselves.
-- Append-only, and written in the transaction that did it. It has no foreign keys: the log
-- outlives the rows it is about.
--
-- One partition a month (UTC), so that old months can be dropped: an append-only table has no
-- other way to become smaller. See functions/activity_partitions.sql.

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
    written_in xid8            NOT NULL DEFAULT pg_current_xact_id(),
    -- The time is in it because a partitioned table requires that; ids alone are unique as well.
    CONSTRAINT activity_pkey PRIMARY KEY (id, at),
    CONSTRAINT activity_detail_is_object CHECK (jsonb_typeof(detail) = 'object')
)
PARTITION BY RANGE (at);

-- list_activity.sql of one event: who cancelled it, and what it was before.
CREATE INDEX activity_by_event ON activity (event_id, id) WHERE event_id IS NOT NULL;

-- What one person did. Admissions would be most of the index; they are looked up by event.
CREATE INDEX activity_by_actor ON activity (actor_id, id) WHERE action <> 'ticket-admitted';

-- What was done to one booking and its tickets.
CREATE INDEX activity_by_booking ON activity (booking_id) WHERE booking_id IS NOT NULL;

-- redact_log_of(), export_log(): what was done to one user. Lines about bookings are found by
-- booking.
CREATE INDEX activity_by_user ON activity (user_id)
WHERE booking_id IS NULL AND user_id IS NOT NULL;

-- What was done in some hours of a month. Rows come in the order of time, so that a summary of
-- each range of pages is enough.
CREATE INDEX activity_by_time ON activity USING brin (at);

-- fan_out_facts(): what was done since a transaction.
CREATE INDEX activity_in_commit_order ON activity (written_in, id);

COMMENT ON TABLE activity IS
    'Append-only log: events created, edited, cancelled, completed; bookings cancelled; tickets '
    'admitted; users created or changed by an admin, or erased; messages sent to guests; webhooks '
    'created, changed, deleted, and facts that were sent to them again; API tokens and door passes '
    'created and revoked. A sale is its booking row. One partition a month; to delete an old '
    'month, drop its partition.';
COMMENT ON COLUMN activity.actor_id IS
    'The user who did it. NULL: nobody signed in, it was done in psql.';
COMMENT ON COLUMN activity.event_id IS 'NULL: not about an event.';
COMMENT ON COLUMN activity.booking_id IS 'NULL: not about a booking.';
COMMENT ON COLUMN activity.ticket_id IS 'NULL: not about a ticket.';
COMMENT ON COLUMN activity.user_id IS
    'The user it was done to, or whose booking or ticket it was. NULL: no user.';
COMMENT ON COLUMN activity.detail IS
    'For edits: {"was": {...}, "became": {...}} with the fields that changed. Never a phone, a '
    'password, a ticket code or the name of a user: recent_activity joins it.';
COMMENT ON COLUMN activity.written_in IS
    'The transaction that wrote it, by which the view facts is read in an order that loses '
    'nothing; a trigger sets it. 0: it was written before this column existed.';
COMMENT ON INDEX activity_by_event IS
    'For the history of one event. Partial: lines about users belong to no event.';
COMMENT ON INDEX activity_by_actor IS
    'For what one person did. Partial: admissions are most of the log and are looked up by event.';
COMMENT ON INDEX activity_by_booking IS 'For the history of one booking.';
COMMENT ON INDEX activity_by_user IS
    'For erase_user and export_user. Partial: most lines about users are about their bookings.';
COMMENT ON INDEX activity_by_time IS 'For a range of time shorter than a month.';
COMMENT ON INDEX activity_in_commit_order IS 'For fan_out_facts.';

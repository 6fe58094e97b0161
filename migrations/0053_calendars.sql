-- The calendar entries of bookings, and the private calendar addresses of customers.
-- depends: 0052_facts

CREATE TABLE calendars (
    user_id     bigint      NOT NULL,
    secret_hash bytea       NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT calendars_pkey PRIMARY KEY (user_id),
    CONSTRAINT calendars_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT calendars_secret_hash_unique UNIQUE (secret_hash),
    CONSTRAINT calendars_secret_hash_is_sha256 CHECK (octet_length(secret_hash) = 32)
);

COMMENT ON TABLE calendars IS
    'Who has a private calendar address. Each customer has one at most; deleting a user deletes '
    'it.';
COMMENT ON COLUMN calendars.secret_hash IS
    'SHA-256 of the secret in the address; the secret itself is not stored.';
COMMENT ON CONSTRAINT calendars_secret_hash_unique ON calendars IS
    'For find_calendar: whose calendar an address is.';

CREATE FUNCTION make_calendar(
    p_user_id bigint,
    p_secret_hash bytea
)
RETURNS calendars
LANGUAGE sql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    INSERT INTO calendars (user_id, secret_hash)
    VALUES (p_user_id, p_secret_hash)
    ON CONFLICT (user_id) DO UPDATE
        SET secret_hash = excluded.secret_hash,
            created_at = excluded.created_at
    RETURNING *;
$$;
COMMENT ON FUNCTION make_calendar IS
    'Gives a customer a private calendar address. An address from before no longer works.';

CREATE FUNCTION end_calendar(p_user_id bigint)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
BEGIN
    DELETE FROM calendars WHERE user_id = p_user_id;
    IF NOT FOUND THEN
        -- An address that is gone already must stay gone, too.
        PERFORM wait_for_standby_at_commit();
    END IF;
END;
$$;
COMMENT ON FUNCTION end_calendar IS
    'Ends the private calendar address of a customer, if there is one.';

CREATE VIEW calendar_entries AS
SELECT
    bookings.id AS booking_id,
    bookings.user_id,
    bookings.quantity,
    events.title,
    events.venue,
    events.address,
    events.date_time,
    events.time_zone,
    events.end_time,
    events.doors_open,
    events.cancellation_reason,
    bookings.status = 'cancelled' AS cancelled,
    events.version + (bookings.status = 'cancelled')::integer AS sequence,
    greatest(events.updated_at, bookings.booking_date, bookings.cancelled_at) AS changed_at
FROM bookings
JOIN events ON events.id = bookings.event_id;

COMMENT ON VIEW calendar_entries IS
    'Every booking with what a calendar shows of it. There are no ticket codes in it.';
COMMENT ON COLUMN calendar_entries.cancelled IS
    'Whether the booking is cancelled. Cancelling an event cancels its bookings.';
COMMENT ON COLUMN calendar_entries.sequence IS
    'SEQUENCE of RFC 5545: the version of the event, and one more once the booking is cancelled. '
    'It never falls, because versions only rise and a cancelled booking stays cancelled.';
COMMENT ON COLUMN calendar_entries.changed_at IS
    'When the event was last edited, or the booking made or cancelled, whichever was last.';

GRANT SELECT ON calendars, calendar_entries TO ticketing_api;
GRANT EXECUTE ON FUNCTION make_calendar TO ticketing_api;
GRANT EXECUTE ON FUNCTION end_calendar TO ticketing_api;

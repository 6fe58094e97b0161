-- A time zone is checked when it is set, and no longer at every sale. The time on the venue's clock
-- is stored beside the instant; 0016_time_zones_filled fills it for the events that are there.
-- depends: 0014_validate_ticket_codes

SET LOCAL lock_timeout = '2s';

-- A time without a zone is what a clock on the wall shows. squawk warns of other uses, and of a
-- constraint that goes; here a trigger takes its place.
ALTER TABLE events
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT events_time_zone_known,
    -- squawk-ignore prefer-timestamp-tz
    ADD COLUMN local_date_time timestamp(0);

COMMENT ON COLUMN events.local_date_time IS
    'The time on the venue''s clock when it starts, as it was typed: what was announced, even if the '
    'rules of the zone change later. A trigger fills it where a writer leaves it out.';

CREATE FUNCTION utc_offset(p_event events)
RETURNS interval
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN p_event.local_date_time - timezone('UTC', p_event.date_time);

COMMENT ON FUNCTION utc_offset(events) IS
    'How far the venue''s clock is ahead of UTC when the event starts.';

CREATE FUNCTION usable_time_zone(
    p_time_zone text,
    p_utc_offset interval
)
RETURNS text
LANGUAGE plpgsql
STABLE
-- PostgreSQL 15 cannot catch an exception while workers run.
PARALLEL UNSAFE
SET search_path = public, pg_temp
AS $$
DECLARE
    -- A POSIX rule needs no file. In such a rule, offsets west of Greenwich are positive.
    v_fixed constant text := '<venue>'
        || CASE WHEN p_utc_offset > interval '0' THEN '-' ELSE '+' END
        || to_char(greatest(p_utc_offset, -p_utc_offset), 'HH24:MI:SS');
BEGIN
    -- Events of the first release may be in a zone called CET, which timezone() takes for a
    -- fixed offset, without summer time.
    IF p_time_zone <> 'UTC' AND p_time_zone !~ '/' THEN
        RETURN v_fixed;
    END IF;
    PERFORM timezone(p_time_zone, timestamptz 'epoch');
    RETURN p_time_zone;
EXCEPTION
    WHEN invalid_parameter_value THEN
        RETURN v_fixed;
END;
$$;

COMMENT ON FUNCTION usable_time_zone(text, interval) IS
    'A time zone that timezone() takes for what it is: the one given, or this fixed offset where '
    'the server does not know the zone, or has another meaning for its name.';

CREATE FUNCTION is_known_time_zone(p_time_zone text)
RETURNS boolean
LANGUAGE plpgsql
STABLE
PARALLEL UNSAFE
SET search_path = public, pg_temp
-- What the body sets is undone when the function returns.
SET timezone = 'UTC'
AS $$
BEGIN
    -- Accept no abbreviation and no POSIX rule: timezone() takes CET for a fixed offset, and FOO5
    -- for a zone.
    IF p_time_zone <> 'UTC' AND p_time_zone !~ '^[A-Z][A-Za-z]*(/[A-Z][A-Za-z0-9_+-]*)+$' THEN
        RETURN false;
    END IF;
    PERFORM set_config('timezone', p_time_zone, true);
    -- PostgreSQL also accepts EUROPE/BERLIN, and then shows the real name.
    RETURN current_setting('timezone') = p_time_zone;
EXCEPTION
    WHEN invalid_parameter_value THEN
        RETURN false;
END;
$$;

COMMENT ON FUNCTION is_known_time_zone(text) IS
    'Whether this server has rules for a time zone: the IANA name of a place, exactly, or UTC.';

REVOKE EXECUTE ON FUNCTION is_known_time_zone(text) FROM PUBLIC;

CREATE FUNCTION keep_local_date_time()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    IF (TG_OP = 'INSERT' OR NEW.time_zone <> OLD.time_zone)
        AND NOT is_known_time_zone(NEW.time_zone)
        AND NOT repair_begun()
    THEN
        RAISE EXCEPTION 'the database does not know the time zone %', NEW.time_zone
            USING ERRCODE = 'check_violation',
                CONSTRAINT = 'events_time_zone_known',
                TABLE = 'events',
                COLUMN = 'time_zone';
    END IF;
    IF TG_OP = 'INSERT' THEN
        NEW.local_date_time := coalesce(
            NEW.local_date_time,
            timezone(NEW.time_zone, NEW.date_time)
        );
    ELSIF NEW.local_date_time = OLD.local_date_time
        AND current_setting('marquee.local_date_time_given', true) IS DISTINCT FROM 'true'
    THEN
        -- The server may not know the zone any more: then the offset stays as it was.
        NEW.local_date_time := timezone(
            usable_time_zone(NEW.time_zone, utc_offset(OLD)),
            NEW.date_time
        );
    END IF;
    RETURN NEW;
END;
$$;

COMMENT ON FUNCTION keep_local_date_time() IS
    'Trigger: refuses a time zone that this server does not know, and works out local_date_time '
    'where a writer left it out. A writer that means the same local_date_time as before sets '
    'marquee.local_date_time_given to true for its transaction.';

REVOKE EXECUTE ON FUNCTION keep_local_date_time() FROM PUBLIC;

CREATE TRIGGER events_local_date_time_inserted
BEFORE INSERT ON events
FOR EACH ROW EXECUTE FUNCTION keep_local_date_time();

COMMENT ON TRIGGER events_local_date_time_inserted ON events IS
    'Refuses an unknown time zone, and fills local_date_time.';

CREATE TRIGGER events_local_date_time_updated
BEFORE UPDATE OF date_time, time_zone ON events
FOR EACH ROW WHEN ((OLD.date_time, OLD.time_zone) IS DISTINCT FROM (NEW.date_time, NEW.time_zone))
EXECUTE FUNCTION keep_local_date_time();

COMMENT ON TRIGGER events_local_date_time_updated ON events IS
    'Refuses an unknown time zone, and keeps local_date_time. Sales do not fire it.';

CREATE OR REPLACE VIEW event_availability AS
SELECT
    id AS event_id,
    title,
    description,
    venue,
    date_time,
    time_zone,
    capacity,
    price,
    max_tickets_per_booking,
    status,
    tickets_sold,
    events.tickets_available,
    events.bookable,
    version,
    created_at,
    updated_at,
    local_date_time
FROM events;

COMMENT ON VIEW event_availability IS 'Every event as customers see it, with its tickets available.';

COMMENT ON COLUMN event_availability.tickets_available IS 'How many can still be sold; 0 is sold out.';

COMMENT ON COLUMN event_availability.local_date_time IS
    'The time on the venue''s clock when it starts.';

COMMENT ON COLUMN event_availability.bookable IS 'Active and not yet started. A sold-out event stays bookable: somebody may cancel.';

CREATE OR REPLACE VIEW daily_sales AS
SELECT
    bookings.event_id,
    events.title,
    events.venue,
    timezone(clock.time_zone, bookings.booking_date)::date AS date,
    count(*) AS bookings,
    sum(bookings.quantity) AS tickets,
    sum(bookings.total_amount) AS revenue
FROM bookings
LEFT JOIN events ON events.id = bookings.event_id
-- OFFSET and LEFT keep this apart from the rest of the query: it is asked once for each zone, whose
-- answer PostgreSQL then remembers.
LEFT JOIN LATERAL (
    SELECT usable_time_zone(events.time_zone, events.utc_offset) AS time_zone
    OFFSET 0
) AS clock ON true
WHERE bookings.status = 'confirmed'
GROUP BY bookings.event_id, events.id, timezone(clock.time_zone, bookings.booking_date)::date;

COMMENT ON VIEW daily_sales IS 'Bookings that are confirmed now, their tickets and revenue, by'
    ' event and day. For figures of a day that never change, see daily_ledger.';

COMMENT ON COLUMN daily_sales.date IS 'The day of booking, in the event''s time zone.';

CREATE OR REPLACE VIEW daily_ledger AS
SELECT
    ledger_entries.event_id,
    events.title,
    events.venue,
    timezone(clock.time_zone, ledger_entries.at)::date AS date,
    count(*) FILTER (WHERE entry = 'booked') AS bookings_booked,
    count(*) FILTER (WHERE entry = 'cancelled') AS bookings_cancelled,
    coalesce(sum(tickets) FILTER (WHERE entry = 'booked'), 0) AS tickets_booked,
    coalesce(-sum(tickets) FILTER (WHERE entry = 'cancelled'), 0) AS tickets_cancelled,
    sum(tickets) AS tickets_net,
    coalesce(sum(amount) FILTER (WHERE entry = 'booked'), 0) AS amount_booked,
    coalesce(-sum(amount) FILTER (WHERE entry = 'cancelled'), 0) AS amount_cancelled,
    sum(amount) AS amount_net
FROM ledger_entries
LEFT JOIN events ON events.id = ledger_entries.event_id
-- OFFSET and LEFT keep this apart from the rest of the query: it is asked once for each zone, whose
-- answer PostgreSQL then remembers.
LEFT JOIN LATERAL (
    SELECT usable_time_zone(events.time_zone, events.utc_offset) AS time_zone
    OFFSET 0
) AS clock ON true
GROUP BY ledger_entries.event_id, events.id, timezone(clock.time_zone, ledger_entries.at)::date;

CREATE VIEW events_at_another_local_time AS
SELECT
    events.id AS event_id,
    events.title,
    events.time_zone,
    events.date_time,
    events.local_date_time,
    timezone(clock.time_zone, events.date_time) AS actual_local_date_time
FROM events
-- OFFSET, LEFT and CASE keep this apart from the rest of the query: it is asked once for each zone,
-- whose answer PostgreSQL then remembers.
LEFT JOIN LATERAL (
    SELECT usable_time_zone(events.time_zone, interval '0') AS time_zone
    OFFSET 0
) AS clock ON true
WHERE events.status = 'active'
    AND events.date_time > now()
    AND CASE
        WHEN clock.time_zone = events.time_zone
            THEN timezone(clock.time_zone, events.date_time) <> events.local_date_time
        -- The server does not know the zone, and has no rules to compare with.
        ELSE false
    END;

COMMENT ON VIEW events_at_another_local_time IS
    'Active events to come that start when the venue''s clock, by the rules this server has, shows '
    'another time than the one announced. python -m app.moved_events repairs them.';

COMMENT ON COLUMN events_at_another_local_time.local_date_time IS
    'The time on the venue''s clock, as it was announced.';

COMMENT ON COLUMN events_at_another_local_time.actual_local_date_time IS
    'The time on the venue''s clock at date_time.';

-- Views and the log need them, whoever reads.
GRANT EXECUTE ON FUNCTION usable_time_zone(text, interval), utc_offset(events) TO PUBLIC;

GRANT SELECT ON events_at_another_local_time TO ticketing_api, ticketing_reader;

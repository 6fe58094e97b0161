-- The time on the venue's clock. The API works out date_time from what was typed, by rules of its
-- own, and stores what was typed beside it. PostgreSQL has another copy of the rules, older or
-- newer, and may not even know a zone: so it is asked when a zone is set, and never again.

CREATE FUNCTION utc_offset(p_event events)
RETURNS interval
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN p_event.local_date_time - timezone('UTC', p_event.date_time);
COMMENT ON FUNCTION utc_offset IS
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
COMMENT ON FUNCTION usable_time_zone IS
    'A time zone that timezone() reads as it is meant: the given one, or the given offset as a '
    'fixed zone when the server does not know the zone or gives its name another meaning.';

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
COMMENT ON FUNCTION is_known_time_zone IS
    'Whether this server has rules for a time zone: the IANA name of a place, exactly, or UTC.';

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
COMMENT ON FUNCTION keep_local_date_time IS
    'Trigger: refuses a time zone that this server does not know, and works out local_date_time '
    'where a writer left it out. A writer that means the same local_date_time as before sets '
    'marquee.local_date_time_given to true for its transaction.';

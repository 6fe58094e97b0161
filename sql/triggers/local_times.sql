-- Keeps local_date_time, and asks about a time zone when it is set. Events of the first release may
-- be in zones that would be refused today. They stay as they are, so this is not a CHECK, which
-- every sale would have to pass.

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

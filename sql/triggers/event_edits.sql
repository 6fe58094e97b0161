-- What follows from an edit of an event, no matter who makes it: a new version, a row of history, a
-- line in the log, and, when the event becomes cancelled, the end of its bookings and unused
-- tickets. An edit in psql is an edit like any other: an admin whose form shows an older version
-- gets TK018.

CREATE FUNCTION next_moment(p_event events)
RETURNS timestamptz
LANGUAGE sql
VOLATILE
RETURN greatest(
    clock_timestamp(),
    p_event.counted_at + interval '1 microsecond',
    p_event.updated_at + interval '1 microsecond'
);
COMMENT ON FUNCTION next_moment IS
    'The time now, but always later than the last change of the event, so that its history is in '
    'order.';

CREATE FUNCTION editable_fields(p_event events)
RETURNS jsonb
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN jsonb_build_object(
    'title', p_event.title,
    'description', p_event.description,
    'venue', p_event.venue,
    -- As an instant in UTC, whatever the session's time zone.
    'date_time', to_char(timezone('UTC', p_event.date_time), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'time_zone', p_event.time_zone,
    'local_date_time', to_char(p_event.local_date_time, 'YYYY-MM-DD"T"HH24:MI:SS'),
    'capacity', p_event.capacity,
    'price', p_event.price::text,
    'max_tickets_per_booking', p_event.max_tickets_per_booking,
    'status', p_event.status,
    'doors_open', to_char(p_event.doors_open, 'HH24:MI'),
    'payment_note', p_event.payment_note,
    'cancellation_reason', p_event.cancellation_reason,
    'end_time', to_char(p_event.end_time, 'HH24:MI'),
    'address', p_event.address,
    'minimum_age', p_event.minimum_age,
    'access_note', p_event.access_note,
    'organiser_contact', p_event.organiser_contact
);
COMMENT ON FUNCTION editable_fields IS
    'The fields of an event that can be edited, by column name: the only list of them. The log, '
    'the history and update_event() use it.';

CREATE FUNCTION raise_event_version()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    IF editable_fields(NEW) <> editable_fields(OLD) THEN
        NEW.version := OLD.version + 1;
        NEW.updated_at := next_moment(OLD);
    END IF;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION raise_event_version IS
    'Trigger: an edit raises the version of its event, and sets updated_at to the time of the '
    'edit.';

-- The list of columns keeps this trigger out of sales, which update only the counters.
CREATE TRIGGER events_raise_version
BEFORE UPDATE OF
    title, description, venue, date_time, time_zone, local_date_time, capacity, price,
    max_tickets_per_booking, status, doors_open, payment_note, cancellation_reason, end_time,
    address, minimum_age, access_note, organiser_contact
ON events
FOR EACH ROW EXECUTE FUNCTION raise_event_version();
COMMENT ON TRIGGER events_raise_version ON events IS 'An edit by hand raises the version, too.';

CREATE FUNCTION cancel_bookings_of_event(p_event_id bigint)
RETURNS jsonb
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_bookings integer;
    v_tickets integer;
BEGIN
    PERFORM FROM bookings
    WHERE event_id = p_event_id
        AND status = 'confirmed'
    ORDER BY id
    FOR NO KEY UPDATE;
    WITH cancelled AS (
        UPDATE bookings
        SET status = 'cancelled',
            cancelled_at = greatest(clock_timestamp(), booking_date)
        WHERE event_id = p_event_id
            AND status = 'confirmed'
        RETURNING quantity - tickets_checked_in AS tickets
    )
    SELECT count(*), coalesce(sum(tickets), 0) INTO v_bookings, v_tickets FROM cancelled;
    RETURN jsonb_build_object('bookings_cancelled', v_bookings, 'tickets_cancelled', v_tickets);
END;
$$;
COMMENT ON FUNCTION cancel_bookings_of_event IS
    'For the triggers of events: cancels all confirmed bookings of an event, whose unused tickets '
    'follow, and returns how many bookings and tickets it cancelled.';

CREATE FUNCTION record_event_edit()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_new jsonb := editable_fields(NEW);
    v_old jsonb;
    v_action activity_action := 'event-created';
    v_detail jsonb := jsonb_build_object('title', NEW.title);
BEGIN
    INSERT INTO event_versions (event_id, version, at, actor_id, login, fields)
    VALUES (NEW.id, NEW.version, NEW.updated_at, acting_user_id(), session_user, v_new);
    IF TG_OP = 'UPDATE' THEN
        v_old := editable_fields(OLD);
        SELECT jsonb_build_object(
            'was', jsonb_object_agg(key, v_old -> key),
            'became', jsonb_object_agg(key, v_new -> key)
        )
        INTO v_detail
        FROM jsonb_object_keys(v_new) AS key
        WHERE v_old -> key <> v_new -> key;
        v_action := CASE
            WHEN NEW.status = OLD.status THEN 'event-edited'
            WHEN NEW.status = 'cancelled' THEN 'event-cancelled'
            WHEN NEW.status = 'completed' THEN 'event-completed'
            ELSE 'event-edited'
        END;
        IF NEW.status = 'cancelled' AND OLD.status <> 'cancelled' THEN
            v_detail := cancel_bookings_of_event(NEW.id) || v_detail;
        END IF;
    ELSIF repair_begun() THEN
        RETURN NULL;
    END IF;
    INSERT INTO activity (actor_id, action, event_id, detail)
    VALUES (acting_user_id(), v_action, NEW.id, v_detail || acting_login());
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION record_event_edit IS
    'Trigger: a new version of an event goes into its history and the log; cancelling an event '
    'cancels its bookings.';

CREATE TRIGGER events_record_creation
AFTER INSERT ON events
FOR EACH ROW EXECUTE FUNCTION record_event_edit();
COMMENT ON TRIGGER events_record_creation ON events IS
    'Writes the first version of an event into its history and the log.';

-- Its name sorts before that of the trigger that keeps event_words: bookings are locked first, the
-- shared rows of event_words last.
CREATE TRIGGER events_record_edit
AFTER UPDATE ON events
FOR EACH ROW
WHEN (NEW.version <> OLD.version)
EXECUTE FUNCTION record_event_edit();
COMMENT ON TRIGGER events_record_edit ON events IS
    'Writes each version of an event into its history and the log; cancels its bookings with it.';

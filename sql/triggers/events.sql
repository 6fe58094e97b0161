-- The triggers of events. An edit of an event, no matter who makes it, gives it a new version, a
-- row of history and a line in the log, and a cancelled event cancels its bookings and unused
-- tickets. An edit in psql is an edit like any other: an admin whose form shows an older version
-- gets TK018. The triggers of bookings keep the counters of an event.

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
    -- In UTC, so that it does not depend on the session's time zone.
    'date_time', to_char(timezone('UTC', p_event.date_time), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'time_zone', p_event.time_zone,
    'local_date_time', to_char(p_event.local_date_time, 'YYYY-MM-DD"T"HH24:MI:SS'),
    'capacity', p_event.capacity,
    -- With at least two decimals, because 12.5 is no other price than 12.50.
    'price', round(p_event.price, greatest(min_scale(p_event.price), 2))::text,
    'max_tickets_per_booking', p_event.max_tickets_per_booking,
    'status', p_event.status,
    'doors_open', to_char(p_event.doors_open, 'HH24:MI'),
    'payment_note', p_event.payment_note,
    'cancellation_reason', p_event.cancellation_reason,
    'end_time', to_char(p_event.end_time, 'HH24:MI'),
    'address', p_event.address,
    'minimum_age', p_event.minimum_age,
    'access_note', p_event.access_note,
    'organiser_contact', p_event.organiser_contact,
    'poster_seed', p_event.poster_seed,
    'category', p_event.category,
    'sale_starts_at',
    to_char(timezone('UTC', p_event.sale_starts_at), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'sale_ends_at', to_char(timezone('UTC', p_event.sale_ends_at), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'max_tickets_per_customer', p_event.max_tickets_per_customer
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
    address, minimum_age, access_note, organiser_contact, poster_seed, category, sale_starts_at,
    sale_ends_at, max_tickets_per_customer
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

-- Local times -------------------------------------------------------------------------------------
--
-- Events of the first release may be in zones that would be refused today. They stay as they are,
-- so this is not a CHECK, which every sale would have to pass.

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

-- Search words ------------------------------------------------------------------------------------
--
-- The trigger for UPDATE is for each row and has a list of columns, because every sale updates the
-- counters of an event and must not pay for this.

CREATE TRIGGER events_words_inserted
AFTER INSERT ON events
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION keep_event_words();
COMMENT ON TRIGGER events_words_inserted ON events IS 'Keeps event_words.';

CREATE TRIGGER events_words_updated
AFTER UPDATE OF title, venue, status ON events
FOR EACH ROW
WHEN ((OLD.title, OLD.venue, OLD.status) IS DISTINCT FROM (NEW.title, NEW.venue, NEW.status))
EXECUTE FUNCTION keep_event_words();
COMMENT ON TRIGGER events_words_updated ON events IS 'Keeps event_words.';

CREATE TRIGGER events_words_deleted
AFTER DELETE ON events
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION keep_event_words();
COMMENT ON TRIGGER events_words_deleted ON events IS 'Keeps event_words.';

-- Guards ------------------------------------------------------------------------------------------

CREATE TRIGGER events_begin_unsold
BEFORE INSERT ON events
FOR EACH ROW
WHEN (
    NEW.tickets_sold <> 0
    OR NEW.bookings_count <> 0
    OR NEW.revenue <> 0
    OR NEW.tickets_checked_in <> 0
    OR NEW.counted_at IS NOT NULL
    OR NEW.version <> 1
)
EXECUTE FUNCTION refuse_change_unless_repairing(
    'an event begins at version 1 with nothing sold: triggers keep its counters and its version'
);
COMMENT ON TRIGGER events_begin_unsold ON events IS
    'Counters start at zero. Also refuses a data-only restore into a migrated database.';

CREATE TRIGGER events_begin_when_written
BEFORE INSERT ON events
FOR EACH ROW
WHEN (
    NEW.updated_at NOT BETWEEN transaction_timestamp() AND clock_timestamp()
    OR NEW.created_at > clock_timestamp()
)
EXECUTE FUNCTION refuse_change_unless_repairing(
    'an event begins now: leave out its updated_at, and a created_at in the future'
);
COMMENT ON TRIGGER events_begin_when_written ON events IS
    'The first version begins when it is written. Later times follow it, and event_as_of() relies '
    'on that order.';

CREATE TRIGGER events_counters_are_kept_by_triggers
BEFORE UPDATE OF tickets_sold, bookings_count, revenue, tickets_checked_in, counted_at ON events
FOR EACH STATEMENT
WHEN (pg_trigger_depth() = 0)
EXECUTE FUNCTION refuse_change_unless_repairing(
    'the counters of events are kept by triggers: recount_event() corrects them'
);
COMMENT ON TRIGGER events_counters_are_kept_by_triggers ON events IS
    'Nobody writes a counter by hand.';

CREATE TRIGGER events_identity_never_changes
BEFORE UPDATE OF id, created_at ON events
FOR EACH ROW
WHEN ((NEW.id, NEW.created_at) IS DISTINCT FROM (OLD.id, OLD.created_at))
EXECUTE FUNCTION refuse_change_unless_repairing('the id and created_at of an event never change');
COMMENT ON TRIGGER events_identity_never_changes ON events IS 'History refers to the id.';

CREATE TRIGGER events_version_is_kept_by_triggers
BEFORE UPDATE OF version, updated_at ON events
FOR EACH STATEMENT
WHEN (pg_trigger_depth() = 0)
EXECUTE FUNCTION refuse_change_unless_repairing(
    'the version and updated_at of an event are kept by triggers'
);
COMMENT ON TRIGGER events_version_is_kept_by_triggers ON events IS
    'A version that could be set by hand would let one edit silently overwrite another.';

CREATE TRIGGER events_ended_is_final
BEFORE UPDATE OF status ON events
FOR EACH ROW
WHEN (OLD.status IN ('cancelled', 'completed') AND NEW.status <> OLD.status)
EXECUTE FUNCTION refuse_change_unless_repairing('a cancelled or completed event stays so');
COMMENT ON TRIGGER events_ended_is_final ON events IS 'cancelled and completed are final.';

CREATE TRIGGER events_draft_is_published_first
BEFORE UPDATE OF status ON events
FOR EACH ROW
WHEN (
    (OLD.status = 'active' AND NEW.status = 'draft')
    OR (OLD.status = 'draft' AND NEW.status = 'completed')
)
EXECUTE FUNCTION refuse_change_unless_repairing(
    'a draft is published or cancelled, and a published event never becomes a draft again'
);
COMMENT ON TRIGGER events_draft_is_published_first ON events IS
    'What customers have seen cannot be hidden from them, and what they never saw did not take '
    'place.';

CREATE TRIGGER events_are_never_deleted
BEFORE DELETE ON events
FOR EACH STATEMENT
EXECUTE FUNCTION refuse_change_unless_repairing('events are never deleted: cancel them');
COMMENT ON TRIGGER events_are_never_deleted ON events IS
    'An event that nobody has booked has a history, too.';

CREATE TRIGGER events_are_never_truncated
BEFORE TRUNCATE ON events
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('events are never truncated');
COMMENT ON TRIGGER events_are_never_truncated ON events IS
    'TRUNCATE calls none of the triggers that keep counters and history.';

-- Triggers set the times of the ledger from the database's clock, while the lock is held. The time
-- at which the transaction began would be too early, because the transaction may have waited for
-- the lock since then: a ticket that is cancelled at 10:03:02 would seem to be sold again at
-- 10:03:01. A time that a statement gives is overwritten, except in an announced repair.
--
-- Other triggers in this file write the activity log, so that cancelling a booking in psql is
-- logged as well.

CREATE FUNCTION act_as(p_actor_id bigint)
RETURNS void
LANGUAGE sql
VOLATILE
BEGIN ATOMIC
    SELECT set_config('marquee.actor_id', coalesce(p_actor_id::text, ''), true);
END;
COMMENT ON FUNCTION act_as IS
    'Sets the user whom the log names for the next statements of this transaction. A function with '
    'an actor as parameter calls it before it writes, and calls it with NULL afterwards.';

CREATE FUNCTION acting_user_id()
RETURNS bigint
LANGUAGE sql
STABLE
RETURN nullif(current_setting('marquee.actor_id', true), '')::bigint;
COMMENT ON FUNCTION acting_user_id IS
    'The user whom act_as() has set, for the log. NULL: no user is known, as for a statement in '
    'psql.';

CREATE FUNCTION acting_login()
RETURNS jsonb
LANGUAGE sql
STABLE
RETURN CASE
    WHEN acting_user_id() IS NULL THEN jsonb_build_object('login', session_user)
    ELSE '{}'
END;
COMMENT ON FUNCTION acting_login IS
    'For the detail of a line in the log: the database login, when no user is known.';

CREATE FUNCTION begin_booking()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    PERFORM FROM events WHERE id = NEW.event_id FOR NO KEY UPDATE;
    IF repair_begun() THEN
        IF NEW.booking_date IS NOT NULL THEN
            RETURN NEW;
        END IF;
    ELSIF NEW.status <> 'confirmed' OR NEW.tickets_checked_in <> 0 THEN
        RAISE EXCEPTION 'a booking begins confirmed, with no ticket used'
            USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.booking_date := clock_timestamp();
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION begin_booking IS
    'Trigger: stamps a booking with the time under its event''s lock, and refuses one that is not '
    'new.';

-- book_tickets() takes the time itself, once for a batch and after the locks, and says so in a
-- setting: then nothing is left to do here.
CREATE TRIGGER bookings_begin
BEFORE INSERT ON bookings
FOR EACH ROW
WHEN (
    NEW.booking_date IS NULL
    OR NEW.booking_date::text IS DISTINCT FROM current_setting('marquee.booking_date', true)
    OR NEW.booking_date <= transaction_timestamp()
    OR NEW.booking_date > clock_timestamp()
    OR NEW.status <> 'confirmed'
    OR NEW.tickets_checked_in <> 0
)
EXECUTE FUNCTION begin_booking();
COMMENT ON TRIGGER bookings_begin ON bookings IS
    'A booking begins confirmed, now, with no ticket used.';

CREATE FUNCTION cancel_booking_row()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    IF repair_begun() THEN
        NEW.cancelled_at := coalesce(NEW.cancelled_at, clock_timestamp());
        RETURN NEW;
    END IF;
    PERFORM FROM events WHERE id = NEW.event_id FOR NO KEY UPDATE;
    IF NEW.tickets_checked_in > 0 THEN
        RAISE EXCEPTION 'a booking of which a ticket was used cannot be cancelled'
            USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.cancelled_at := greatest(clock_timestamp(), NEW.booking_date);
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION cancel_booking_row IS
    'Trigger: stamps a booking that becomes cancelled with the time under its event''s lock, and '
    'refuses if one of its tickets was used.';

-- A booking is cancelled with its event even if somebody is inside: cancel_bookings_of_event() runs
-- in a trigger and sets the time itself.
CREATE TRIGGER bookings_cancel
BEFORE UPDATE OF status ON bookings
FOR EACH ROW
WHEN (OLD.status = 'confirmed' AND NEW.status = 'cancelled' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION cancel_booking_row();
COMMENT ON TRIGGER bookings_cancel ON bookings IS
    'Sets cancelled_at. UPDATE bookings SET status = ''cancelled'' is all that it takes.';

CREATE FUNCTION admit_ticket_row()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_booking_status booking_status;
BEGIN
    -- While the booking is locked, nobody can cancel it. Nobody can cancel its event either: that
    -- would cancel the booking, and has to wait for the lock.
    SELECT status INTO v_booking_status FROM bookings WHERE id = NEW.booking_id FOR NO KEY UPDATE;
    IF v_booking_status = 'cancelled' THEN
        RAISE EXCEPTION 'a ticket of a cancelled booking admits nobody'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.used_at IS NULL OR NOT repair_begun() THEN
        NEW.used_at := clock_timestamp();
    END IF;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION admit_ticket_row IS
    'Trigger: stamps a ticket that becomes used with the time under its booking''s lock, and '
    'refuses if the booking is cancelled.';

CREATE TRIGGER tickets_admit
BEFORE UPDATE OF status ON tickets
FOR EACH ROW
WHEN (OLD.status = 'active' AND NEW.status = 'used')
EXECUTE FUNCTION admit_ticket_row();
COMMENT ON TRIGGER tickets_admit ON tickets IS
    'Sets used_at. UPDATE tickets SET status = ''used'' is all that it takes.';

CREATE FUNCTION log_updated_bookings()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM new_rows WHERE status = 'cancelled') OR repair_begun() THEN
        RETURN NULL;
    END IF;
    -- Bookings that are cancelled with their event share one line: the event's.
    INSERT INTO activity (actor_id, action, event_id, booking_id, user_id, detail)
    SELECT
        acting_user_id(),
        'booking-cancelled',
        new_rows.event_id,
        new_rows.id,
        new_rows.user_id,
        jsonb_build_object(
            'quantity', new_rows.quantity, 'total_amount', new_rows.total_amount::text
        ) || acting_login()
    FROM new_rows
    JOIN old_rows ON old_rows.id = new_rows.id
    JOIN events ON events.id = new_rows.event_id
    WHERE new_rows.status = 'cancelled'
        AND old_rows.status = 'confirmed'
        AND events.status <> 'cancelled'
    ORDER BY new_rows.id;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION log_updated_bookings IS
    'Trigger: writes a line of the activity log for each booking that became cancelled.';

CREATE TRIGGER bookings_log_updated
AFTER UPDATE ON bookings
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION log_updated_bookings();
COMMENT ON TRIGGER bookings_log_updated ON bookings IS 'Writes the activity log.';

CREATE FUNCTION log_updated_tickets()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM new_rows WHERE status = 'used') OR repair_begun() THEN
        RETURN NULL;
    END IF;
    INSERT INTO activity (actor_id, action, event_id, booking_id, ticket_id, user_id, detail)
    SELECT
        acting_user_id(),
        'ticket-admitted',
        bookings.event_id,
        new_rows.booking_id,
        new_rows.id,
        bookings.user_id,
        acting_login()
    FROM new_rows
    JOIN old_rows ON old_rows.id = new_rows.id
    JOIN bookings ON bookings.id = new_rows.booking_id
    WHERE new_rows.status = 'used'
        AND old_rows.status = 'active'
    ORDER BY new_rows.id;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION log_updated_tickets IS
    'Trigger: writes a line of the activity log for each ticket that admitted somebody.';

CREATE TRIGGER tickets_log_updated
AFTER UPDATE ON tickets
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION log_updated_tickets();
COMMENT ON TRIGGER tickets_log_updated ON tickets IS 'Writes the activity log.';

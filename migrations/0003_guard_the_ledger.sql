-- The promise holds whoever writes. Triggers guard the ledger and its counters against the owner in
-- psql as well, write tickets with their booking, cancel bookings with their event and tickets with
-- their booking, take times from the clock under the locks, and record every version and every
-- figure of an event. Answers that find their work done already stand on a commit of their own.
-- depends: 0002_log_new_admins_as_created
-- squawk-ignore-file ban-drop-default, ban-drop-function

-- In the order in which everybody locks. Nothing below reads a table of any size.
SET LOCAL lock_timeout = '2s';
LOCK TABLE events, bookings, tickets IN ACCESS EXCLUSIVE MODE;

ALTER TABLE events ADD COLUMN counted_at timestamptz;
ALTER TABLE bookings ALTER COLUMN booking_date DROP DEFAULT;
ALTER TABLE tickets ALTER COLUMN ticket_code DROP DEFAULT;
ALTER TABLE activity ALTER COLUMN at SET DEFAULT clock_timestamp();
ALTER FUNCTION change_event_words(text[], text[]) SET search_path = public, pg_temp;
ALTER FUNCTION keep_event_words() SET search_path = public, pg_temp;

DROP TRIGGER activity_is_append_only ON activity;
DROP TRIGGER bookings_event_id_never_changes ON bookings;
DROP TRIGGER tickets_booking_id_never_changes ON tickets;
DROP TRIGGER bookings_are_never_truncated ON bookings;
DROP TRIGGER tickets_are_never_truncated ON tickets;
DROP TRIGGER bookings_count_inserted ON bookings;
DROP TRIGGER bookings_count_updated ON bookings;
DROP TRIGGER bookings_count_deleted ON bookings;
DROP TRIGGER tickets_count_inserted ON tickets;
DROP TRIGGER tickets_count_updated ON tickets;
DROP TRIGGER tickets_count_deleted ON tickets;
DROP FUNCTION count_inserted_bookings();
DROP FUNCTION count_updated_bookings();
DROP FUNCTION count_deleted_bookings();
DROP FUNCTION count_inserted_tickets();
DROP FUNCTION count_deleted_tickets();
DROP FUNCTION new_ticket_code();
COMMENT ON COLUMN bookings.event_id IS 'The event the tickets are for.';
COMMENT ON COLUMN tickets.booking_id IS 'The booking it was sold with.';

COMMENT ON TABLE events IS
    'What is on sale. Never deleted. Triggers keep the counters, the version and the history, '
    'whoever writes.';

COMMENT ON COLUMN events.version IS 'Raised by every edit, never by a sale: what If-Match compares. A trigger keeps it.';

COMMENT ON COLUMN events.counted_at IS
    'When a counter last changed, see event_figures. NULL: nothing was ever sold.';

COMMENT ON TABLE bookings IS
    'The ledger of sales. A booking is written once, may become cancelled once, and is otherwise '
    'never changed or deleted, whoever writes. UPDATE bookings SET status = ''cancelled'' cancels '
    'its tickets, too.';

COMMENT ON COLUMN bookings.booking_date IS
    'When it was booked: the database''s clock under the event''s lock, whatever is written. A '
    'trigger sets it.';

COMMENT ON COLUMN bookings.cancelled_at IS
    'When it was cancelled: the database''s clock under the event''s lock; a trigger sets it. NULL: '
    'the booking is confirmed.';

COMMENT ON TABLE tickets IS
    'One row admits one person, once. A trigger writes the tickets of a booking with it and cancels '
    'them with it.';

COMMENT ON COLUMN tickets.ticket_code IS
    'What the customer shows at the door: XXXXX-XXXXX-XXXXX-XXXXX-X. The first group is the '
    'event''s, three are random, the last symbol is a check symbol.';

COMMENT ON COLUMN tickets.used_at IS
    'When it admitted somebody: the database''s clock under the booking''s lock; a trigger sets it. '
    'NULL: it has not.';

-- event_versions: what each event looked like, from one edit to the next. Written by triggers on
-- events; append-only. No foreign keys: the past outlives what it tells of.

CREATE TABLE event_versions (
    event_id bigint      NOT NULL,
    version  integer     NOT NULL,
    at       timestamptz NOT NULL,
    actor_id bigint,                -- NULL: nobody signed in, done in psql
    login    text        NOT NULL,
    fields   jsonb       NOT NULL,
    CONSTRAINT event_versions_pkey PRIMARY KEY (event_id, version),
    CONSTRAINT event_versions_fields_is_object CHECK (jsonb_typeof(fields) = 'object')
);

COMMENT ON TABLE event_versions IS
    'Append-only history of the editable fields of events: one row for each version. '
    'event_as_of() reads it.';

COMMENT ON COLUMN event_versions.event_id IS 'The event. After a repair it may be gone.';

COMMENT ON COLUMN event_versions.version IS 'As events.version was.';

COMMENT ON COLUMN event_versions.at IS 'When this version began.';

COMMENT ON COLUMN event_versions.actor_id IS
    'The admin who edited. NULL: nobody signed in, it was done in psql.';

COMMENT ON COLUMN event_versions.login IS
    'The database login. "unknown" for versions that began before this table existed.';

COMMENT ON COLUMN event_versions.fields IS 'As editable_fields() writes them.';

-- event_figures: the counters of each event as they were, from one change to the next. Written by
-- the triggers that count, in the same statement and under the event's lock; append-only.
-- No foreign keys: the past outlives what it tells of.

CREATE TABLE event_figures (
    event_id           bigint         NOT NULL,
    at                 timestamptz    NOT NULL,
    bookings_count     integer        NOT NULL,
    tickets_sold       integer        NOT NULL,
    revenue            numeric(16, 2) NOT NULL,
    tickets_checked_in integer        NOT NULL,
    CONSTRAINT event_figures_pkey PRIMARY KEY (event_id, at)
)
-- Rows come and never change: freeze them soon, while they are in memory.
WITH (autovacuum_vacuum_insert_scale_factor = 0.02);

COMMENT ON TABLE event_figures IS
    'Append-only history of the counters of events: one row for each change. '
    'event_as_of() reads it.';

COMMENT ON COLUMN event_figures.event_id IS 'The event. After a repair it may be gone.';

COMMENT ON COLUMN event_figures.at IS
    'When the counters took these values. Read under the event''s lock; always later than the row '
    'before, even when the clock is set back. The transaction may have committed a little later.';

COMMENT ON COLUMN event_figures.bookings_count IS 'As events.bookings_count was.';

COMMENT ON COLUMN event_figures.tickets_sold IS 'As events.tickets_sold was.';

COMMENT ON COLUMN event_figures.revenue IS 'As events.revenue was.';

COMMENT ON COLUMN event_figures.tickets_checked_in IS 'As events.tickets_checked_in was.';

-- repairs: the announced exceptions. The ledger, its counters and its log refuse to be rewritten,
-- by the owner too. Once in ten years it must be done all the same: a court orders an erasure, a
-- disk has flipped a bit, an old ledger is imported. begin_repair() writes a row here first, and
-- for the rest of that transaction the guards let the owner through.

CREATE TABLE repairs (
    id             bigint      GENERATED ALWAYS AS IDENTITY,
    at             timestamptz NOT NULL DEFAULT clock_timestamp(),
    transaction_id xid8        NOT NULL DEFAULT pg_current_xact_id(),
    login          text        NOT NULL DEFAULT session_user,
    reason         text        NOT NULL,
    CONSTRAINT repairs_pkey PRIMARY KEY (id),
    CONSTRAINT repairs_reason_not_blank CHECK (NOT is_blank(reason))
);

-- repair_begun(): asked by every guard that is about to refuse.
CREATE INDEX repairs_by_transaction ON repairs (transaction_id);

COMMENT ON TABLE repairs IS
    'Append-only log of transactions that were allowed to rewrite the ledger. '
    'Written by begin_repair().';

COMMENT ON COLUMN repairs.at IS 'When the repair was announced.';

COMMENT ON COLUMN repairs.transaction_id IS
    'The transaction that was let through. Means nothing after a restore into another cluster.';

COMMENT ON COLUMN repairs.login IS 'The database login that did it.';

COMMENT ON COLUMN repairs.reason IS 'Why, in the words of the person who did it.';

COMMENT ON INDEX repairs_by_transaction IS 'For repair_begun.';

-- The errors of the booking rules: one SQLSTATE each, in a class of their own. DETAIL is a JSON
-- object with the facts a client needs.

CREATE OR REPLACE FUNCTION problem_name(p_code text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE p_code
    WHEN 'TK001' THEN 'sold-out'
    WHEN 'TK002' THEN 'event-not-found'
    WHEN 'TK003' THEN 'event-not-bookable'
    WHEN 'TK004' THEN 'quantity-not-allowed'
    WHEN 'TK005' THEN 'booking-not-found'
    WHEN 'TK006' THEN 'booking-not-cancellable'
    WHEN 'TK007' THEN 'idempotency-key-reused'
    WHEN 'TK008' THEN 'user-not-found'
    WHEN 'TK009' THEN 'ticket-not-found'
    WHEN 'TK010' THEN 'ticket-already-used'
    WHEN 'TK011' THEN 'ticket-cancelled'
    WHEN 'TK012' THEN 'ticket-for-another-event'
    WHEN 'TK013' THEN 'event-status-final'
    WHEN 'TK014' THEN 'capacity-below-sold'
    WHEN 'TK015' THEN 'date-time-in-past'
    WHEN 'TK016' THEN 'price-changed'
    WHEN 'TK017' THEN 'ticket-code-malformed'
    WHEN 'TK018' THEN 'edited-meanwhile'
    WHEN 'TK019' THEN 'too-many-attempts'
    WHEN 'TK020' THEN 'not-allowed'
    WHEN '23514' THEN 'check-violation'
END;

CREATE OR REPLACE FUNCTION raise_problem(
    p_code text,
    p_detail jsonb DEFAULT '{}'
)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION '%', problem_name(p_code)
        USING ERRCODE = p_code, DETAIL = p_detail::text;
END;
$$;

CREATE OR REPLACE FUNCTION require_admin(p_actor_id bigint)
RETURNS void
LANGUAGE plpgsql
STABLE
SET search_path = public, pg_temp
AS $$
BEGIN
    IF p_actor_id IS NOT NULL
        AND NOT EXISTS (SELECT FROM users WHERE id = p_actor_id AND role = 'admin')
    THEN
        PERFORM raise_problem('TK020');
    END IF;
END;
$$;

COMMENT ON FUNCTION require_admin(bigint) IS
    'Raises TK020 unless the actor is an admin. NULL passes: nobody signed in, it is done in psql. '
    'The API checks first; this catches a handler that forgot to.';

REVOKE EXECUTE ON FUNCTION require_admin(bigint) FROM PUBLIC;

-- An answer is a promise. Where a standby is synchronous, a commit waits until the standby has it,
-- and so does the answer. But a transaction that finds its work done already writes nothing, so
-- its commit waits for nobody; and what it found may be a commit whose own wait was cut short, by
-- an administrator or a restart, and which a failover would undo.

CREATE OR REPLACE FUNCTION stand_on_own_commit()
RETURNS void
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    -- This writes a record of this transaction into the write-ahead log. The commit now waits until
    -- the standby has received everything up to that record, and so what was found as well.
    PERFORM pg_logical_emit_message(true, 'marquee', '');
END;
$$;

COMMENT ON FUNCTION stand_on_own_commit() IS
    'Makes the commit of a transaction that writes nothing wait for the synchronous standby like '
    'any other. Called before answering that something is done which was done earlier.';

REVOKE EXECUTE ON FUNCTION stand_on_own_commit() FROM PUBLIC;

-- The first group is the event's id in base 32. Codes of one event are neighbours in the unique
-- index, so that selling writes a few pages of it again and again instead of one page a ticket;
-- and a door sees without asking that a code is for another event. Codes from before have a random
-- first group, and stay valid.
CREATE OR REPLACE FUNCTION ticket_code_group(p_event_id bigint)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', (p_event_id >> 20 & 31)::integer + 1, 1)
    || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', (p_event_id >> 15 & 31)::integer + 1, 1)
    || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', (p_event_id >> 10 & 31)::integer + 1, 1)
    || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', (p_event_id >> 5 & 31)::integer + 1, 1)
    || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', (p_event_id & 31)::integer + 1, 1);

COMMENT ON FUNCTION ticket_code_group(bigint) IS
    'The first group of an event''s ticket codes: the last 25 bits of its id in base 32.';

-- A UUID of version 4 in base64 has 19 characters that carry 6 random bits each; the ninth and the
-- eleventh hold its version and variant. 15 of them are used. The 64 characters become 32 symbols,
-- two to one, so that 5 uniform bits are left: a small letter is its capital, I, L, O, U, of either
-- case, are 0 to 3, and 0 to 3, + and / join 4 to 9.
CREATE OR REPLACE FUNCTION new_ticket_code(p_event_id bigint)
RETURNS text
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_random constant text := encode(uuid_send(gen_random_uuid()), 'base64');
    v_symbols constant text := ticket_code_group(p_event_id) || translate(
        upper(left(v_random, 8) || substr(v_random, 12, 7) COLLATE "C"), 'ILOU0123+/', '0123456789'
    );
BEGIN
    RETURN write_ticket_code(v_symbols || ticket_code_check_symbol(v_symbols));
END;
$$;

COMMENT ON FUNCTION new_ticket_code(bigint) IS
    'A new unguessable ticket code for this event: 75 random bits and a check symbol.';
REVOKE EXECUTE ON FUNCTION new_ticket_code(bigint) FROM PUBLIC;

-- What follows from an edit of an event, whoever makes it: a new version, a row of history, a line
-- in the log, and, when it becomes cancelled, the end of its bookings and unused tickets. An edit
-- in psql is an edit like any other: an admin whose form shows the version before is told.

CREATE OR REPLACE FUNCTION next_moment(p_event events)
RETURNS timestamptz
LANGUAGE sql
VOLATILE
RETURN greatest(
    clock_timestamp(),
    p_event.counted_at + interval '1 microsecond',
    p_event.updated_at + interval '1 microsecond'
);

COMMENT ON FUNCTION next_moment(events) IS
    'The time now, but always later than the last change of the event, so that its history is in '
    'order.';
REVOKE EXECUTE ON FUNCTION next_moment(events) FROM PUBLIC;

CREATE OR REPLACE FUNCTION editable_fields(p_event events)
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
    'capacity', p_event.capacity,
    'price', p_event.price::text,
    'max_tickets_per_booking', p_event.max_tickets_per_booking,
    'status', p_event.status
);

COMMENT ON FUNCTION editable_fields(events) IS
    'The fields of an event that can be edited, by column name: the only list of them. The log, '
    'the history and update_event() use it.';

CREATE OR REPLACE FUNCTION raise_event_version()
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

COMMENT ON FUNCTION raise_event_version() IS
    'Trigger: an edit raises the version of its event and says when it was made.';

REVOKE EXECUTE ON FUNCTION raise_event_version() FROM PUBLIC;

-- With a list of columns, so that a sale, which updates the counters, pays nothing for it.
CREATE TRIGGER events_raise_version
BEFORE UPDATE OF
    title, description, venue, date_time, time_zone, capacity, price, max_tickets_per_booking,
    status
ON events
FOR EACH ROW EXECUTE FUNCTION raise_event_version();

COMMENT ON TRIGGER events_raise_version ON events IS 'An edit by hand raises the version, too.';

CREATE OR REPLACE FUNCTION cancel_bookings_of_event(p_event_id bigint)
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

COMMENT ON FUNCTION cancel_bookings_of_event(bigint) IS
    'For the triggers of events: cancels all confirmed bookings of an event, whose unused tickets '
    'follow, and returns how many bookings.';

CREATE OR REPLACE FUNCTION record_event_edit()
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

COMMENT ON FUNCTION record_event_edit() IS
    'Trigger: a new version of an event goes into its history and the log; cancelling an '
    'event cancels its bookings.';

REVOKE EXECUTE ON FUNCTION record_event_edit() FROM PUBLIC;

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

-- What the owner needs to repair the ledger: announcing it, and counting again.
--
--     BEGIN;
--     SELECT begin_repair('Court order 12/2031: erase booking 4711');
--     DELETE FROM bookings WHERE id = 4711;
--     SELECT recount_event(17);
--     COMMIT;
--
-- During a repair the triggers that keep counters, tickets and history work as always. Those that
-- set times and write the activity log leave both to the person who repairs.

CREATE OR REPLACE FUNCTION begin_repair(p_reason text)
RETURNS repairs
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_repair repairs;
BEGIN
    INSERT INTO repairs (reason) VALUES (p_reason) RETURNING * INTO v_repair;
    PERFORM set_config('marquee.repair', 'begun', true);
    RETURN v_repair;
END;
$$;

COMMENT ON FUNCTION begin_repair(text) IS
    'Lets the rest of this transaction rewrite the ledger, and logs that in repairs with the '
    'reason. For the owner of the database only.';

REVOKE EXECUTE ON FUNCTION begin_repair(text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION end_repair()
RETURNS void
LANGUAGE sql
VOLATILE
BEGIN ATOMIC
    SELECT set_config('marquee.repair', '', true);
END;

COMMENT ON FUNCTION end_repair() IS
    'Puts the guards back before the transaction ends. At its end they are back in any case.';
REVOKE EXECUTE ON FUNCTION end_repair() FROM PUBLIC;

CREATE OR REPLACE FUNCTION repair_begun()
RETURNS boolean
LANGUAGE plpgsql
STABLE
SET search_path = public, pg_temp
AS $$
BEGIN
    -- The setting spares every other transaction the look-up. It proves nothing: anyone can set it.
    IF current_setting('marquee.repair', true) IS DISTINCT FROM 'begun' THEN
        RETURN false;
    END IF;
    -- A restored row may hold a transaction id that this cluster gives out again: hence the time.
    RETURN EXISTS (
        SELECT
        FROM repairs
        WHERE transaction_id = pg_current_xact_id_if_assigned()
            AND at >= transaction_timestamp()
    );
END;
$$;

COMMENT ON FUNCTION repair_begun() IS
    'True when begin_repair() was called in this transaction: the guards of the ledger then let '
    'a change through.';
REVOKE EXECUTE ON FUNCTION repair_begun() FROM PUBLIC;

CREATE OR REPLACE FUNCTION recount_event(p_event_id bigint)
RETURNS events
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_repairing constant boolean := repair_begun();
    v_event events;
BEGIN
    IF NOT v_repairing THEN
        PERFORM begin_repair(format('recount_event(%s)', p_event_id));
    END IF;
    -- Lock order: event, bookings, tickets.
    PERFORM FROM events WHERE id = p_event_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM raise_problem('TK002');
    END IF;
    PERFORM FROM bookings WHERE event_id = p_event_id ORDER BY id FOR NO KEY UPDATE;
    -- First make the event agree with its bookings as they are now. The UPDATE of the bookings
    -- below then fires the trigger that adds its changes to the event.
    WITH counted AS (
        UPDATE events
        SET bookings_count = truth.bookings_count,
            tickets_sold = truth.tickets_sold,
            revenue = truth.revenue,
            tickets_checked_in = truth.tickets_checked_in,
            counted_at = next_moment(events)
        FROM (
            SELECT
                count(*) AS bookings_count,
                coalesce(sum(quantity), 0) AS tickets_sold,
                coalesce(sum(total_amount), 0) AS revenue,
                coalesce(sum(tickets_checked_in), 0) AS tickets_checked_in
            FROM bookings
            WHERE event_id = p_event_id
                AND status = 'confirmed'
        ) AS truth
        WHERE events.id = p_event_id
        RETURNING events.*
    )
    INSERT INTO event_figures
    SELECT id, counted_at, bookings_count, tickets_sold, revenue, tickets_checked_in
    FROM counted;
    UPDATE bookings
    SET tickets_checked_in = truth.used
    FROM (
        SELECT bookings.id, count(*) FILTER (WHERE tickets.status = 'used') AS used
        FROM bookings
        LEFT JOIN tickets ON tickets.booking_id = bookings.id
        WHERE bookings.event_id = p_event_id
        GROUP BY bookings.id
    ) AS truth
    WHERE bookings.id = truth.id
        AND bookings.tickets_checked_in <> truth.used;
    SELECT events.* INTO v_event FROM events WHERE id = p_event_id;
    IF NOT v_repairing THEN
        PERFORM end_repair();
    END IF;
    RETURN v_event;
END;
$$;

COMMENT ON FUNCTION recount_event(bigint) IS
    'Counts an event and its bookings again from their tickets, and returns the event. For the '
    'owner of the database, after a repair or when integrity_violations names a counter. Raises '
    'TK002 when there is no such event.';

REVOKE EXECUTE ON FUNCTION recount_event(bigint) FROM PUBLIC;

-- The times of the ledger are the database's own, taken from the clock once the locks are held.
-- Taken at the beginning of a transaction, they would be those of somebody who still waits for an
-- event's lock: a ticket given back at 10:03:02 would have been sold again at 10:03:01.
-- A time that a statement names is replaced, except in an announced repair.
--
-- The same triggers write the activity log, so that a booking cancelled in psql leaves a line, too.

CREATE OR REPLACE FUNCTION act_as(p_actor_id bigint)
RETURNS void
LANGUAGE sql
VOLATILE
BEGIN ATOMIC
    SELECT set_config('marquee.actor_id', coalesce(p_actor_id::text, ''), true);
END;

COMMENT ON FUNCTION act_as(bigint) IS
    'Says for whom the next statements of this transaction act, for the log. A function that is '
    'told its actor calls it before it writes, and again with NULL after.';

REVOKE EXECUTE ON FUNCTION act_as(bigint) FROM PUBLIC;

CREATE OR REPLACE FUNCTION acting_user_id()
RETURNS bigint
LANGUAGE sql
STABLE
RETURN nullif(current_setting('marquee.actor_id', true), '')::bigint;

COMMENT ON FUNCTION acting_user_id() IS
    'The user for whom the current function acts, as the log records it. NULL: nobody signed in, '
    'it was done in psql.';
REVOKE EXECUTE ON FUNCTION acting_user_id() FROM PUBLIC;

CREATE OR REPLACE FUNCTION acting_login()
RETURNS jsonb
LANGUAGE sql
STABLE
RETURN CASE
    WHEN acting_user_id() IS NULL THEN jsonb_build_object('login', session_user)
    ELSE '{}'
END;

COMMENT ON FUNCTION acting_login() IS
    'For the detail of a line in the log: the database login, when no user is known.';
REVOKE EXECUTE ON FUNCTION acting_login() FROM PUBLIC;

CREATE OR REPLACE FUNCTION begin_booking()
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

COMMENT ON FUNCTION begin_booking() IS
    'Trigger: stamps a booking with the time under its event''s lock, and refuses one that is not '
    'new.';

REVOKE EXECUTE ON FUNCTION begin_booking() FROM PUBLIC;

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

CREATE OR REPLACE FUNCTION cancel_booking_row()
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

COMMENT ON FUNCTION cancel_booking_row() IS
    'Trigger: stamps a booking that becomes cancelled with the time under its event''s lock, and '
    'refuses if one of its tickets was used.';

REVOKE EXECUTE ON FUNCTION cancel_booking_row() FROM PUBLIC;

-- With its event a booking is cancelled though somebody may be inside: cancel_bookings_of_event()
-- runs in a trigger and sets the time itself.
CREATE TRIGGER bookings_cancel
BEFORE UPDATE OF status ON bookings
FOR EACH ROW
WHEN (OLD.status = 'confirmed' AND NEW.status = 'cancelled' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION cancel_booking_row();

COMMENT ON TRIGGER bookings_cancel ON bookings IS
    'Sets cancelled_at. UPDATE bookings SET status = ''cancelled'' is all that it takes.';

CREATE OR REPLACE FUNCTION admit_ticket_row()
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

COMMENT ON FUNCTION admit_ticket_row() IS
    'Trigger: stamps a ticket that becomes used with the time under its booking''s lock, and '
    'refuses if the booking is cancelled.';

REVOKE EXECUTE ON FUNCTION admit_ticket_row() FROM PUBLIC;

CREATE TRIGGER tickets_admit
BEFORE UPDATE OF status ON tickets
FOR EACH ROW
WHEN (OLD.status = 'active' AND NEW.status = 'used')
EXECUTE FUNCTION admit_ticket_row();

COMMENT ON TRIGGER tickets_admit ON tickets IS
    'Sets used_at. UPDATE tickets SET status = ''used'' is all that it takes.';

CREATE OR REPLACE FUNCTION log_updated_bookings()
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

COMMENT ON FUNCTION log_updated_bookings() IS
    'Trigger: writes a line of the activity log for each booking that became cancelled.';

REVOKE EXECUTE ON FUNCTION log_updated_bookings() FROM PUBLIC;

CREATE TRIGGER bookings_log_updated
AFTER UPDATE ON bookings
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION log_updated_bookings();

COMMENT ON TRIGGER bookings_log_updated ON bookings IS 'Writes the activity log.';

CREATE OR REPLACE FUNCTION log_updated_tickets()
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

COMMENT ON FUNCTION log_updated_tickets() IS
    'Trigger: writes a line of the activity log for each ticket that admitted somebody.';

REVOKE EXECUTE ON FUNCTION log_updated_tickets() FROM PUBLIC;

CREATE TRIGGER tickets_log_updated
AFTER UPDATE ON tickets
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION log_updated_tickets();

COMMENT ON TRIGGER tickets_log_updated ON tickets IS 'Writes the activity log.';

-- What follows from a booking or a ticket that is written: the counters of its event, its tickets,
-- and a line of history. Because triggers do it, it happens whoever writes; a row inserted by hand
-- counts too, and beyond capacity events_never_oversold refuses it.
--
-- The triggers are statement-level with transition tables: a statement that writes a thousand
-- bookings updates each event once. Before they update several events they lock them in id order:
-- UPDATE alone promises no order, and two statements could deadlock.
--
-- The times of one event form a single line: counted_at, and updated_at of its versions, are
-- taken from the clock under the event's lock and are always later than the one before. So the
-- past of an event can be asked for exactly, even if a clock is set back.
--
-- Nothing is counted when a row is deleted or a used ticket is inserted: both are possible in an
-- announced repair only, which ends with recount_event().

CREATE OR REPLACE FUNCTION complete_inserted_bookings()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_cancelled_event_id bigint;
BEGIN
    IF (SELECT count(DISTINCT event_id) FROM new_rows) > 1 THEN
        PERFORM FROM events
        WHERE id IN (SELECT event_id FROM new_rows WHERE status = 'confirmed')
        ORDER BY id
        FOR NO KEY UPDATE;
    END IF;
    WITH counted AS (
        UPDATE events
        SET bookings_count = events.bookings_count + change.bookings,
            tickets_sold = events.tickets_sold + change.tickets,
            revenue = events.revenue + change.revenue,
            counted_at = next_moment(events)
        FROM (
            SELECT
                event_id,
                count(*) AS bookings,
                sum(quantity) AS tickets,
                sum(total_amount) AS revenue
            FROM new_rows
            WHERE status = 'confirmed'
            GROUP BY event_id
        ) AS change
        WHERE events.id = change.event_id
        RETURNING events.*
    ),
    recorded AS (
        INSERT INTO event_figures
        SELECT id, counted_at, bookings_count, tickets_sold, revenue, tickets_checked_in
        FROM counted
    )
    SELECT min(id) INTO v_cancelled_event_id FROM counted WHERE status = 'cancelled';
    IF v_cancelled_event_id IS NOT NULL THEN
        RAISE EXCEPTION 'event % is cancelled: it cannot be booked', v_cancelled_event_id
            USING ERRCODE = 'restrict_violation';
    END IF;

    INSERT INTO tickets (booking_id, ticket_code, status)
    SELECT
        id,
        new_ticket_code(event_id),
        CASE status WHEN 'confirmed' THEN 'active'::ticket_status ELSE 'cancelled' END
    FROM new_rows, generate_series(1, quantity);
    RETURN NULL;
END;
$$;

COMMENT ON FUNCTION complete_inserted_bookings() IS
    'Trigger: adds new confirmed bookings to the counters and the history of their events, and '
    'writes the tickets of all new bookings. Refuses bookings of a cancelled event.';

REVOKE EXECUTE ON FUNCTION complete_inserted_bookings() FROM PUBLIC;

CREATE OR REPLACE FUNCTION complete_updated_bookings()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
-- PL/pgSQL keeps the plan of a session's first call, also for calls with very many or very few rows.
-- So every plan goes through the indexes.
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
BEGIN
    -- Lock even a single event first: an UPDATE that waits for a transaction which then changes
    -- nothing keeps the time that it took before it waited.
    PERFORM FROM events
    WHERE id IN (SELECT event_id FROM new_rows)
    ORDER BY id
    FOR NO KEY UPDATE;
    WITH counted AS (
        UPDATE events
        SET bookings_count = events.bookings_count + change.bookings,
            tickets_sold = events.tickets_sold + change.tickets,
            revenue = events.revenue + change.revenue,
            tickets_checked_in = events.tickets_checked_in + change.checked_in,
            counted_at = next_moment(events)
        FROM (
            SELECT
                event_id,
                sum(sign) AS bookings,
                sum(sign * quantity) AS tickets,
                sum(sign * total_amount) AS revenue,
                sum(sign * tickets_checked_in) AS checked_in
            FROM (
                SELECT 1 AS sign, event_id, quantity, total_amount, tickets_checked_in, status
                FROM new_rows
                UNION ALL
                SELECT -1, event_id, quantity, total_amount, tickets_checked_in, status
                FROM old_rows
            ) AS version
            WHERE status = 'confirmed'
            GROUP BY event_id
            -- An update that changes no figure leaves its event alone.
            HAVING (
                sum(sign), sum(sign * quantity), sum(sign * total_amount),
                sum(sign * tickets_checked_in)
            ) <> (0, 0, 0, 0)
        ) AS change
        WHERE events.id = change.event_id
        RETURNING events.*
    )
    INSERT INTO event_figures
    SELECT id, counted_at, bookings_count, tickets_sold, revenue, tickets_checked_in
    FROM counted;

    -- The tickets follow their booking. Used ones stay used: they did admit somebody.
    IF EXISTS (SELECT FROM new_rows WHERE status = 'cancelled') THEN
        UPDATE tickets
        SET status = 'cancelled'
        FROM new_rows
        WHERE tickets.booking_id = new_rows.id
            AND new_rows.status = 'cancelled'
            AND tickets.status = 'active';
    END IF;
    RETURN NULL;
END;
$$;

COMMENT ON FUNCTION complete_updated_bookings() IS
    'Trigger: what changed about confirmed bookings goes into the counters and the history of '
    'their events; the unused tickets of cancelled bookings become cancelled.';

REVOKE EXECUTE ON FUNCTION complete_updated_bookings() FROM PUBLIC;

CREATE TRIGGER bookings_complete_inserted
AFTER INSERT ON bookings
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION complete_inserted_bookings();

COMMENT ON TRIGGER bookings_complete_inserted ON bookings IS
    'Keeps the counters and the history of events, and writes tickets.';

CREATE TRIGGER bookings_complete_updated
AFTER UPDATE ON bookings
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION complete_updated_bookings();

COMMENT ON TRIGGER bookings_complete_updated ON bookings IS
    'Keeps the counters and the history of events, and cancels tickets.';

-- Used tickets count on their booking, and from there, by the trigger above, on the event: so
-- cancelling an event takes the used tickets of its bookings out of its counter as well.
CREATE OR REPLACE FUNCTION count_updated_tickets()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
-- PL/pgSQL keeps the plan of a session's first call, also for calls with very many or very few rows.
-- So every plan goes through the indexes.
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
DECLARE
    v_cancelled_booking_id bigint;
BEGIN
    -- The usual case when a booking is cancelled: no ticket was or is used.
    IF NOT EXISTS (
        SELECT FROM new_rows WHERE status = 'used' UNION ALL SELECT FROM old_rows WHERE status = 'used'
    ) THEN
        RETURN NULL;
    END IF;
    PERFORM FROM bookings
    WHERE id IN (SELECT booking_id FROM new_rows)
    ORDER BY id
    FOR NO KEY UPDATE;
    WITH counted AS (
        UPDATE bookings
        SET tickets_checked_in = bookings.tickets_checked_in + change.checked_in
        FROM (
            SELECT booking_id, sum(sign) AS checked_in
            FROM (
                SELECT 1 AS sign, booking_id, status FROM new_rows
                UNION ALL
                SELECT -1, booking_id, status FROM old_rows
            ) AS version
            WHERE status = 'used'
            GROUP BY booking_id
            HAVING sum(sign) <> 0
        ) AS change
        WHERE bookings.id = change.booking_id
        RETURNING bookings.id, bookings.status, change.checked_in
    )
    SELECT min(id) INTO v_cancelled_booking_id
    FROM counted
    WHERE status = 'cancelled'
        AND checked_in > 0;
    -- admit_ticket_row() sees a booking as it is before the statement. A statement that admits by a
    -- ticket and cancels its booking as well is noticed here, after it.
    IF v_cancelled_booking_id IS NOT NULL AND NOT repair_begun() THEN
        RAISE EXCEPTION 'a ticket of a cancelled booking admits nobody: booking %',
            v_cancelled_booking_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END;
$$;

COMMENT ON FUNCTION count_updated_tickets() IS
    'Trigger: tickets that became used, or are so no longer, go into the counter of their bookings. '
    'Refuses tickets that became used in the statement that cancelled their booking.';

CREATE TRIGGER tickets_count_updated
AFTER UPDATE ON tickets
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_updated_tickets();

COMMENT ON TRIGGER tickets_count_updated ON tickets IS 'Keeps the counter of bookings.';

-- The guards of the ledger. A sale, its tickets, its counters and the log cannot be deleted or
-- rewritten, whoever writes and by whatever statement: they are triggers, so they hold for the
-- owner of the database in psql as well. Each refuses with a sentence that says what to do
-- instead. The only way past most of them is an announced repair (sql/functions/repairs.sql).
--
-- pg_trigger_depth() = 0 in a WHEN clause means: a statement that somebody sent, or that a
-- function runs; not one that another trigger runs. That is how a counter's own trigger passes.

CREATE OR REPLACE FUNCTION refuse_change()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation';
END;
$$;

COMMENT ON FUNCTION refuse_change() IS
    'Trigger: refuses the statement with the sentence given as its argument.';

CREATE OR REPLACE FUNCTION refuse_change_unless_repairing()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    IF NOT repair_begun() THEN
        RAISE EXCEPTION '%', TG_ARGV[0]
            USING ERRCODE = 'restrict_violation',
                HINT = 'The owner of the database can announce a repair: SELECT begin_repair(''why'').';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END;
$$;

COMMENT ON FUNCTION refuse_change_unless_repairing() IS
    'Trigger: refuses the statement with the sentence given as its argument, except in a '
    'transaction that has called begin_repair().';

REVOKE EXECUTE ON FUNCTION refuse_change_unless_repairing() FROM PUBLIC;

-- Events ---------------------------------------------------------------------------------------

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
    'The first version begins when it is written: later times follow it, and event_as_of() '
    'relies on it.';

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
WHEN (OLD.status <> 'active' AND NEW.status <> OLD.status)
EXECUTE FUNCTION refuse_change_unless_repairing('a cancelled or completed event stays so');

COMMENT ON TRIGGER events_ended_is_final ON events IS 'cancelled and completed are final.';

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

-- Bookings -------------------------------------------------------------------------------------

CREATE TRIGGER bookings_counter_is_kept_by_triggers
BEFORE UPDATE OF tickets_checked_in ON bookings
FOR EACH STATEMENT
WHEN (pg_trigger_depth() = 0)
EXECUTE FUNCTION refuse_change_unless_repairing(
    'bookings.tickets_checked_in is kept by triggers: recount_event() corrects it'
);

COMMENT ON TRIGGER bookings_counter_is_kept_by_triggers ON bookings IS
    'Nobody writes a counter by hand.';

CREATE TRIGGER bookings_sale_is_never_rewritten
BEFORE UPDATE OF
    id, user_id, event_id, quantity, unit_price, total_amount, booking_date, booked_by,
    idempotency_key
ON bookings
FOR EACH ROW
WHEN (
    (
        NEW.id, NEW.user_id, NEW.event_id, NEW.quantity, NEW.unit_price, NEW.total_amount,
        NEW.booking_date, NEW.booked_by, NEW.idempotency_key
    ) IS DISTINCT FROM (
        OLD.id, OLD.user_id, OLD.event_id, OLD.quantity, OLD.unit_price, OLD.total_amount,
        OLD.booking_date, OLD.booked_by, OLD.idempotency_key
    )
)
EXECUTE FUNCTION refuse_change_unless_repairing(
    'a sale is never rewritten: cancel the booking and book again'
);

COMMENT ON TRIGGER bookings_sale_is_never_rewritten ON bookings IS
    'Only status, cancelled_at and the counter of a booking change.';

CREATE TRIGGER bookings_cancelled_is_final
BEFORE UPDATE OF status, cancelled_at ON bookings
FOR EACH ROW
WHEN (
    OLD.status = 'cancelled'
    AND (NEW.status, NEW.cancelled_at) IS DISTINCT FROM (OLD.status, OLD.cancelled_at)
)
EXECUTE FUNCTION refuse_change_unless_repairing('a cancelled booking stays cancelled');

COMMENT ON TRIGGER bookings_cancelled_is_final ON bookings IS 'cancelled is final.';

CREATE TRIGGER bookings_are_never_deleted
BEFORE DELETE ON bookings
FOR EACH STATEMENT
EXECUTE FUNCTION refuse_change_unless_repairing('bookings are the ledger: cancel them');

COMMENT ON TRIGGER bookings_are_never_deleted ON bookings IS 'A sale never leaves the ledger.';

CREATE TRIGGER bookings_are_never_truncated
BEFORE TRUNCATE ON bookings
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('bookings are the ledger: never truncated');

COMMENT ON TRIGGER bookings_are_never_truncated ON bookings IS
    'TRUNCATE calls none of the triggers that keep the counters.';

-- Tickets --------------------------------------------------------------------------------------

CREATE TRIGGER tickets_come_with_their_booking
BEFORE INSERT ON tickets
FOR EACH STATEMENT
WHEN (pg_trigger_depth() = 0)
EXECUTE FUNCTION refuse_change_unless_repairing(
    'tickets are written with their booking: insert a booking'
);

COMMENT ON TRIGGER tickets_come_with_their_booking ON tickets IS
    'A booking has as many tickets as its quantity says.';

CREATE TRIGGER tickets_never_change_hands
BEFORE UPDATE OF id, booking_id, ticket_code ON tickets
FOR EACH ROW
WHEN (
    (NEW.id, NEW.booking_id, NEW.ticket_code)
    IS DISTINCT FROM (OLD.id, OLD.booking_id, OLD.ticket_code)
)
EXECUTE FUNCTION refuse_change_unless_repairing(
    'a ticket keeps its id, its booking and its code'
);

COMMENT ON TRIGGER tickets_never_change_hands ON tickets IS
    'The code that a customer holds stays theirs.';

CREATE TRIGGER tickets_ended_is_final
BEFORE UPDATE OF status, used_at ON tickets
FOR EACH ROW
WHEN (
    OLD.status <> 'active'
    AND (NEW.status, NEW.used_at) IS DISTINCT FROM (OLD.status, OLD.used_at)
)
EXECUTE FUNCTION refuse_change_unless_repairing('a used or cancelled ticket stays so');

COMMENT ON TRIGGER tickets_ended_is_final ON tickets IS 'used and cancelled are final.';

CREATE TRIGGER tickets_are_cancelled_with_their_booking
BEFORE UPDATE OF status ON tickets
FOR EACH ROW
WHEN (NEW.status = 'cancelled' AND OLD.status = 'active' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION refuse_change_unless_repairing(
    'tickets are cancelled with their booking: cancel the booking'
);

COMMENT ON TRIGGER tickets_are_cancelled_with_their_booking ON tickets IS
    'A confirmed booking holds no cancelled ticket.';

CREATE TRIGGER tickets_are_never_deleted
BEFORE DELETE ON tickets
FOR EACH STATEMENT
EXECUTE FUNCTION refuse_change_unless_repairing(
    'tickets are the ledger: cancel their booking'
);

COMMENT ON TRIGGER tickets_are_never_deleted ON tickets IS 'A ticket never leaves the ledger.';

CREATE TRIGGER tickets_are_never_truncated
BEFORE TRUNCATE ON tickets
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('tickets are the ledger: never truncated');

COMMENT ON TRIGGER tickets_are_never_truncated ON tickets IS
    'TRUNCATE calls none of the triggers that keep the counters.';

-- Search words -----------------------------------------------------------------------------------

CREATE TRIGGER event_words_are_kept_by_triggers
BEFORE INSERT OR UPDATE OR DELETE ON event_words
FOR EACH STATEMENT
WHEN (pg_trigger_depth() = 0)
EXECUTE FUNCTION refuse_change_unless_repairing('event_words is kept by triggers on events');
COMMENT ON TRIGGER event_words_are_kept_by_triggers ON event_words IS
    'A word with a wrong count is no longer found, or is found for ever.';

-- The log, the history, and the repairs ----------------------------------------------------------

CREATE TRIGGER activity_is_append_only
BEFORE UPDATE OR DELETE ON activity
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_unless_repairing('activity is append-only');

COMMENT ON TRIGGER activity_is_append_only ON activity IS 'Nobody rewrites the log.';

CREATE TRIGGER activity_is_never_truncated
BEFORE TRUNCATE ON activity
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('activity is append-only');

COMMENT ON TRIGGER activity_is_never_truncated ON activity IS 'Nobody empties the log.';

CREATE TRIGGER event_versions_are_written_by_triggers
BEFORE INSERT ON event_versions
FOR EACH STATEMENT
WHEN (pg_trigger_depth() = 0)
EXECUTE FUNCTION refuse_change_unless_repairing('event_versions is written by triggers');

COMMENT ON TRIGGER event_versions_are_written_by_triggers ON event_versions IS
    'Nobody invents a past.';

CREATE TRIGGER event_versions_are_append_only
BEFORE UPDATE OR DELETE ON event_versions
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_unless_repairing('event_versions is append-only');

COMMENT ON TRIGGER event_versions_are_append_only ON event_versions IS 'Nobody rewrites history.';

CREATE TRIGGER event_versions_are_never_truncated
BEFORE TRUNCATE ON event_versions
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('event_versions is append-only');

COMMENT ON TRIGGER event_versions_are_never_truncated ON event_versions IS
    'Nobody empties the history.';

CREATE TRIGGER event_figures_are_written_by_triggers
BEFORE INSERT ON event_figures
FOR EACH STATEMENT
WHEN (pg_trigger_depth() = 0)
EXECUTE FUNCTION refuse_change_unless_repairing('event_figures is written by triggers');

COMMENT ON TRIGGER event_figures_are_written_by_triggers ON event_figures IS
    'Nobody invents a past.';

CREATE TRIGGER event_figures_are_append_only
BEFORE UPDATE OR DELETE ON event_figures
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_unless_repairing('event_figures is append-only');

COMMENT ON TRIGGER event_figures_are_append_only ON event_figures IS 'Nobody rewrites history.';

CREATE TRIGGER event_figures_are_never_truncated
BEFORE TRUNCATE ON event_figures
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('event_figures is append-only');

COMMENT ON TRIGGER event_figures_are_never_truncated ON event_figures IS
    'Nobody empties the history.';

CREATE TRIGGER repairs_are_of_their_own_transaction
BEFORE INSERT ON repairs
FOR EACH ROW
WHEN (
    NEW.transaction_id IS DISTINCT FROM pg_current_xact_id()
    OR NEW.at NOT BETWEEN transaction_timestamp() AND clock_timestamp()
    OR NEW.login IS DISTINCT FROM session_user::text
)
EXECUTE FUNCTION refuse_change(
    'a repair is announced in its own transaction and name: SELECT begin_repair(''why'')'
);
COMMENT ON TRIGGER repairs_are_of_their_own_transaction ON repairs IS
    'Nobody lets another transaction through, or signs with another login. Also refuses a '
    'data-only restore into a migrated database.';

CREATE TRIGGER repairs_are_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON repairs
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('repairs is append-only');

COMMENT ON TRIGGER repairs_are_append_only ON repairs IS
    'A repair cannot remove its own record.';

-- book_tickets: the heart. It decides about booking requests and writes bookings and tickets,
-- in one call. The batch form takes many requests, because one lock, one commit and one INSERT
-- for a hundred customers cost little more than for one; the single form is a batch of one.
--
-- How a batch goes:
--   1. Without any lock, one statement reads all that decides about each request. Replays and
--      refusals are answered from it: a sold-out rush waits for nobody.
--   2. The events of the others are locked, in id order, then their idempotency keys, and the
--      same statement is read again: what it says now stays true until commit.
--   3. Capacity is given in arrival order; a request too large for what is left is refused and
--      does not stand in the way of a smaller one behind it.
--   4. All bookings are inserted by one statement, with the time under the lock. The triggers on
--      bookings move the counters and write the tickets and the history. Whatever happens, the
--      CHECK events_never_oversold refuses to oversell.
-- Rows inserted by hand do not take the key's advisory lock. If one commits the same key in between,
-- our INSERT skips it (ON CONFLICT), and steps 3 and 4 run again and find it.

CREATE OR REPLACE FUNCTION book_tickets(
    p_user_ids bigint[],
    p_event_ids bigint[],
    p_quantities integer[],
    p_idempotency_keys text[],
    p_booked_by bigint[],
    p_expected_totals numeric[]
)
RETURNS TABLE (
    request_no integer,
    replayed boolean,
    error_code text,
    error_detail jsonb,
    id bigint,
    user_id bigint,
    event_id bigint,
    quantity integer,
    unit_price numeric,
    total_amount numeric,
    status booking_status,
    booking_date timestamptz,
    cancelled_at timestamptz,
    booked_by bigint,
    cancellable boolean,
    event_title text,
    event_venue text,
    event_date_time timestamptz,
    event_time_zone text,
    event_status event_status,
    tickets jsonb
)
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '1s'
-- One plan for batches of every size, through the indexes: planning these statements anew costs
-- more than running them, and a plan made while tables are small must not scan them later.
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
    v_count constant integer := coalesce(cardinality(p_user_ids), 0);
    v_nulls constant bigint[] := array_fill(NULL::bigint, ARRAY[v_count]);
    -- The answers, by request number.
    v_booking_ids bigint[] := v_nulls;
    v_replayed boolean[] := array_fill(false, ARRAY[v_count]);
    v_error_codes text[] := v_nulls::text[];
    v_error_details jsonb[] := array_fill(NULL::jsonb, ARRAY[v_count]);
    -- The state of one round.
    v_locked boolean := false;
    v_pending integer[] := ARRAY(SELECT generate_series(1, v_count));
    v_undecided integer[];
    v_taken integer[];           -- by event_no: tickets given in this round
    v_accepted integer[];        -- request numbers to insert
    v_unit_prices numeric[];     -- beside v_accepted
    v_accepted_by_key integer[]; -- by first_no: the request accepted for this key
    v_inserted bigint[] := '{}';
    v_has_inserted boolean := false;
    v_booking_date timestamptz;
    v_same integer;
    r record;
BEGIN
    IF (cardinality(p_event_ids), cardinality(p_quantities), cardinality(p_idempotency_keys), cardinality(p_booked_by),
        cardinality(p_expected_totals)) IS DISTINCT FROM (v_count, v_count, v_count, v_count, v_count)
    THEN
        RAISE EXCEPTION 'the arrays of a batch differ in length' USING ERRCODE = 'array_subscript_error';
    ELSIF v_count > 1000 THEN
        -- Each key takes an advisory lock, and the server has room for a limited number.
        RAISE EXCEPTION 'a batch holds at most 1000 requests' USING ERRCODE = 'program_limit_exceeded';
    END IF;

    WHILE cardinality(v_pending) > 0 LOOP
        v_undecided := '{}';
        v_taken := array_fill(0, ARRAY[v_count]);
        v_accepted := '{}';
        v_unit_prices := '{}';
        v_accepted_by_key := v_nulls::integer[];
        FOR r IN
            SELECT *
            FROM booking_requests(p_user_ids, p_event_ids, p_quantities, p_idempotency_keys, p_booked_by, p_expected_totals, v_pending)
        LOOP
            v_same := v_accepted_by_key[r.first_no];
            v_booking_ids[r.request_no] := coalesce(r.earlier_booking_id, v_booking_ids[v_same]);
            v_replayed[r.request_no] := v_booking_ids[r.request_no] IS NOT NULL;
            v_error_codes[r.request_no] := NULL;
            v_error_details[r.request_no] := NULL;
            IF v_replayed[r.request_no] THEN
                IF (r.event_id, r.quantity) IS DISTINCT FROM (
                    coalesce(r.earlier_event_id, p_event_ids[v_same]), coalesce(r.earlier_quantity, p_quantities[v_same])
                ) THEN
                    v_error_codes[r.request_no] := 'TK007';
                    v_error_details[r.request_no] := '{}';
                END IF;
            ELSIF NOT v_locked AND r.first_no < r.request_no THEN
                -- What the same key did just before it decides, and that is not known yet.
                v_undecided := v_undecided || r.request_no;
            ELSIF r.error_code IS NOT NULL THEN
                v_error_codes[r.request_no] := r.error_code;
                v_error_details[r.request_no] := r.error_detail;
            ELSIF NOT v_locked AND r.event_has_a_fit THEN
                v_undecided := v_undecided || r.request_no;
            ELSIF r.quantity > r.available - v_taken[r.event_no] THEN
                v_error_codes[r.request_no] := 'TK001';
                v_error_details[r.request_no] := jsonb_build_object('available', r.available - v_taken[r.event_no]);
            ELSE
                v_booking_ids[r.request_no] := nextval('bookings_id_seq');
                v_taken[r.event_no] := v_taken[r.event_no] + r.quantity;
                v_accepted := v_accepted || r.request_no;
                v_unit_prices := v_unit_prices || r.unit_price;
                v_accepted_by_key[r.first_no] := r.request_no;
            END IF;
        END LOOP;

        IF NOT v_locked THEN
            v_locked := true;
            v_pending := v_undecided;
            PERFORM FROM events
            WHERE id IN (SELECT p_event_ids[no] FROM unnest(v_pending) AS no)
            ORDER BY id
            FOR NO KEY UPDATE;
            -- One customer's key may be under way for another event. To find that out by the
            -- INSERT would be too late: it already holds other keys, that others wait for.
            PERFORM pg_advisory_xact_lock(key.number)
            FROM (
                SELECT DISTINCT hashtextextended(p_idempotency_keys[no], p_user_ids[no]) AS number
                FROM unnest(v_pending) AS no
                ORDER BY number
            ) AS key;
            CONTINUE;
        END IF;

        v_booking_date := clock_timestamp();
        -- Tells the trigger bookings_begin that this time was taken under the locks.
        PERFORM set_config('marquee.booking_date', v_booking_date::text, true);
        -- In the order of keys, so that two processes with the same keys cannot deadlock.
        WITH inserted AS (
            INSERT INTO bookings (
                id, user_id, event_id, quantity, unit_price, total_amount, booking_date, booked_by, idempotency_key
            )
            OVERRIDING SYSTEM VALUE
            SELECT
                v_booking_ids[no],
                p_user_ids[no],
                p_event_ids[no],
                p_quantities[no],
                price,
                price * p_quantities[no],
                v_booking_date,
                coalesce(p_booked_by[no], p_user_ids[no]),
                p_idempotency_keys[no]
            FROM unnest(v_accepted, v_unit_prices) AS accepted (no, price)
            ORDER BY p_user_ids[no], p_idempotency_keys[no]
            ON CONFLICT (user_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
            RETURNING id
        )
        SELECT coalesce(array_agg(id), '{}') INTO v_inserted FROM inserted;

        v_has_inserted := v_has_inserted OR v_inserted <> '{}';
        EXIT WHEN cardinality(v_inserted) = cardinality(v_accepted);
        v_pending := ARRAY(
            SELECT no FROM unnest(v_pending) AS no WHERE v_booking_ids[no] = ANY (v_inserted) IS NOT TRUE ORDER BY no
        );
    END LOOP;

    IF NOT v_has_inserted AND true = ANY (v_replayed) THEN
        PERFORM stand_on_own_commit();
    END IF;
    RETURN QUERY
    SELECT answer.no::integer, answer.replayed AND answer.error_code IS NULL, answer.error_code, answer.error_detail, booking.*
    FROM unnest(v_booking_ids, v_replayed, v_error_codes, v_error_details)
        WITH ORDINALITY AS answer (booking_id, replayed, error_code, error_detail, no)
    -- OFFSET keeps each look-up by the booking's id. A plan that was made while the tables were empty
    -- would otherwise read every booking of an event for each answer.
    LEFT JOIN LATERAL (
        SELECT * FROM booking_with_tickets(answer.booking_id) OFFSET 0
    ) AS booking ON answer.error_code IS NULL
    ORDER BY answer.no;
END;
$$;

COMMENT ON FUNCTION book_tickets(bigint[], bigint[], integer[], text[], bigint[], numeric[]) IS
    'Many booking requests as parallel arrays (customer, event, quantity, idempotency key or NULL, '
    'the user who books or NULL for the customer, expected total or NULL), 1,000 at most: one '
    'row for each, in order, with the booking and its tickets, or the SQLSTATE and detail it would '
    'have raised alone. One request''s failure touches no other. Waits for a lock at most a second '
    '(55P03).';

-- cancel_booking: a booking becomes cancelled, once, and its tickets are on sale again. Repeating
-- it changes nothing. The triggers on bookings do the rest: the tickets, the counters, the log.

CREATE OR REPLACE FUNCTION cancel_booking(
    p_booking_id bigint,
    p_actor_id bigint
)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '1s'
AS $$
DECLARE
    v_booking bookings;
    v_event events;
    v_reason text;
BEGIN
    -- Lock order: event, booking, tickets.
    SELECT events.*
    INTO v_event
    FROM events
    WHERE id = (SELECT event_id FROM bookings WHERE id = p_booking_id)
    FOR NO KEY UPDATE;
    SELECT bookings.*
    INTO v_booking
    FROM bookings
    WHERE id = p_booking_id
        AND (user_id = p_actor_id OR EXISTS (SELECT FROM users WHERE id = p_actor_id AND role = 'admin'))
    FOR NO KEY UPDATE;
    IF v_booking.id IS NULL THEN
        PERFORM raise_problem('TK005');
    END IF;
    IF v_booking.status = 'cancelled' THEN
        PERFORM stand_on_own_commit();
        RETURN;
    END IF;

    v_reason := CASE
        WHEN v_booking.tickets_checked_in > 0 THEN 'ticket-used'
        WHEN v_event.status <> 'active' THEN 'event-' || v_event.status
        WHEN v_event.date_time <= now() THEN 'event-started'
    END;
    IF v_reason IS NOT NULL THEN
        PERFORM raise_problem('TK006', jsonb_build_object('reason', v_reason));
    END IF;
    PERFORM act_as(p_actor_id);
    UPDATE bookings SET status = 'cancelled' WHERE id = p_booking_id;
    PERFORM act_as(NULL);
END;
$$;

COMMENT ON FUNCTION cancel_booking(bigint, bigint) IS
    'Cancels a booking and its tickets; one that is already cancelled stays as it is. Raises TK005 '
    'when it is unknown, or is not the actor''s own and the actor is not an admin; TK006 when a '
    'ticket was used, or the event has started, is completed or cancelled.';

-- update_event: an admin edits an event or ends it. The triggers on events do what follows from
-- it: version, history, log, and, when it is cancelled, its bookings and unused tickets. With very
-- many bookings that takes seconds, and callers need a statement_timeout to match.

CREATE OR REPLACE FUNCTION require_editable_fields(p_fields jsonb)
RETURNS void
LANGUAGE plpgsql
STABLE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_unknown text;
BEGIN
    SELECT string_agg(key, ', ')
    INTO v_unknown
    FROM jsonb_object_keys(p_fields) AS key
    WHERE NOT editable_fields(NULL::events) ? key;
    IF v_unknown IS NOT NULL THEN
        RAISE EXCEPTION 'not an editable field of an event: %', v_unknown
            USING ERRCODE = 'undefined_column';
    END IF;
END;
$$;

COMMENT ON FUNCTION require_editable_fields(jsonb) IS
    'For create_event and update_event: refuses a field that editable_fields() does not name.';

REVOKE EXECUTE ON FUNCTION require_editable_fields(jsonb) FROM PUBLIC;

CREATE OR REPLACE FUNCTION update_event(
    p_event_id bigint,
    p_fields jsonb,
    p_expected_version integer,
    p_actor_id bigint
)
RETURNS events
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_was events;
    v_new events;
BEGIN
    PERFORM require_admin(p_actor_id);
    PERFORM require_editable_fields(p_fields);
    SELECT events.* INTO v_was FROM events WHERE id = p_event_id FOR NO KEY UPDATE;
    IF v_was.id IS NULL THEN
        PERFORM raise_problem('TK002');
    ELSIF v_was.version <> p_expected_version THEN
        PERFORM raise_problem('TK018', jsonb_build_object('version', v_was.version));
    END IF;

    v_new := jsonb_populate_record(v_was, p_fields);
    IF editable_fields(v_new) = editable_fields(v_was) THEN
        PERFORM stand_on_own_commit();
        RETURN v_was;
    ELSIF v_was.status <> 'active' THEN
        PERFORM raise_problem('TK013', jsonb_build_object('event_status', v_was.status));
    ELSIF v_new.capacity < v_was.tickets_sold THEN
        PERFORM raise_problem('TK014', jsonb_build_object('tickets_sold', v_was.tickets_sold));
    ELSIF v_new.date_time <> v_was.date_time AND v_new.date_time <= now() THEN
        PERFORM raise_problem('TK015');
    END IF;
    PERFORM act_as(p_actor_id);
    UPDATE events
    SET title = v_new.title,
        description = v_new.description,
        venue = v_new.venue,
        date_time = v_new.date_time,
        time_zone = v_new.time_zone,
        capacity = v_new.capacity,
        price = v_new.price,
        max_tickets_per_booking = v_new.max_tickets_per_booking,
        status = v_new.status
    WHERE id = p_event_id;
    PERFORM act_as(NULL);
    -- Read again: cancelling has changed the counters as well.
    SELECT events.* INTO v_new FROM events WHERE id = p_event_id;
    RETURN v_new;
END;
$$;

COMMENT ON FUNCTION update_event(bigint, jsonb, integer, bigint) IS
    'Edits an event and returns it. p_fields: by name of column as in editable_fields(); a field '
    'that is missing stays as it is. p_expected_version: refuse (TK018) when somebody edited it '
    'since; NULL: do not look. Raises TK002 unknown, TK013 no longer active, TK014 capacity below '
    'tickets sold, TK015 moved into the past, TK020 when the actor is not an admin. Status '
    'cancelled cancels its bookings and unused tickets. A new price touches no existing booking. Changing '
    'nothing raises no version.';

REVOKE EXECUTE ON FUNCTION update_event(bigint, jsonb, integer, bigint) FROM PUBLIC;

-- The form that API processes of the first release call. The next release removes it.
CREATE OR REPLACE FUNCTION update_event(
    p_event_id bigint,
    p_title text,
    p_description text,
    p_venue text,
    p_date_time timestamptz,
    p_time_zone text,
    p_capacity integer,
    p_price numeric,
    p_max_tickets_per_booking integer,
    p_status event_status,
    p_expected_version integer,
    p_actor_id bigint
)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
BEGIN
    PERFORM update_event(
        p_event_id,
        jsonb_build_object(
            'title', p_title,
            'description', p_description,
            'venue', p_venue,
            'date_time', p_date_time,
            'time_zone', p_time_zone,
            'capacity', p_capacity,
            'price', p_price,
            'max_tickets_per_booking', p_max_tickets_per_booking,
            'status', p_status
        ),
        p_expected_version,
        p_actor_id
    );
END;
$$;

COMMENT ON FUNCTION update_event(
    bigint, text, text, text, timestamptz, text, integer, numeric, integer, event_status, integer,
    bigint
) IS 'Edits an event, for API processes of the first release: see the form with jsonb.';

REVOKE EXECUTE ON FUNCTION update_event(
    bigint, text, text, text, timestamptz, text, integer, numeric, integer, event_status, integer,
    bigint
) FROM PUBLIC;

-- create_event: an admin puts an event on sale. The triggers on events write its history and log.

CREATE OR REPLACE FUNCTION create_event(
    p_fields jsonb,
    p_actor_id bigint
)
RETURNS events
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_given events := jsonb_populate_record(NULL::events, p_fields);
    v_event events;
BEGIN
    PERFORM require_admin(p_actor_id);
    PERFORM require_editable_fields(p_fields);
    IF v_given.status <> 'active' THEN
        RAISE EXCEPTION 'an event begins active' USING ERRCODE = 'restrict_violation';
    ELSIF v_given.date_time <= now() THEN
        PERFORM raise_problem('TK015');
    END IF;
    PERFORM act_as(p_actor_id);
    INSERT INTO events (
        title, description, venue, date_time, time_zone, capacity, price, max_tickets_per_booking
    )
    VALUES (
        v_given.title,
        coalesce(v_given.description, ''),
        v_given.venue,
        v_given.date_time,
        v_given.time_zone,
        v_given.capacity,
        v_given.price,
        coalesce(v_given.max_tickets_per_booking, 10)
    )
    RETURNING * INTO v_event;
    PERFORM act_as(NULL);
    RETURN v_event;
END;
$$;

COMMENT ON FUNCTION create_event(jsonb, bigint) IS
    'Creates an active event from its fields, by name of column as in editable_fields(), and '
    'returns it. Raises TK015 when it would start in the past, TK020 when the actor is no admin; '
    'what a row alone can break is refused by the CHECKs of events.';

REVOKE EXECUTE ON FUNCTION create_event(jsonb, bigint) FROM PUBLIC;

-- The form that API processes of the first release call. The next release removes it.
CREATE OR REPLACE FUNCTION create_event(
    p_title text,
    p_description text,
    p_venue text,
    p_date_time timestamptz,
    p_time_zone text,
    p_capacity integer,
    p_price numeric,
    p_max_tickets_per_booking integer,
    p_actor_id bigint
)
RETURNS bigint
LANGUAGE sql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    SELECT (create_event(
        jsonb_build_object(
            'title', p_title,
            'description', p_description,
            'venue', p_venue,
            'date_time', p_date_time,
            'time_zone', p_time_zone,
            'capacity', p_capacity,
            'price', p_price,
            'max_tickets_per_booking', p_max_tickets_per_booking
        ),
        p_actor_id
    )).id;
$$;

COMMENT ON FUNCTION create_event(
    text, text, text, timestamptz, text, integer, numeric, integer, bigint
) IS 'Creates an event, for API processes of the first release: see create_event(jsonb, bigint).';

REVOKE EXECUTE ON FUNCTION create_event(
    text, text, text, timestamptz, text, integer, numeric, integer, bigint
) FROM PUBLIC;

-- The past of events. Both functions return rows of events as they were, so everything that reads
-- an event reads a past one, too:
--
--     SELECT past.title, past.capacity, past.tickets_available FROM event_as_of(17, '...') AS past;

CREATE OR REPLACE FUNCTION event_as_of(
    p_event_id bigint,
    p_at timestamptz
)
RETURNS SETOF events
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    SELECT past.*
    FROM events
    JOIN LATERAL (
        SELECT *
        FROM event_versions
        WHERE event_id = events.id
            AND at <= p_at
        ORDER BY version DESC
        LIMIT 1
    ) AS version ON true
    LEFT JOIN LATERAL (
        SELECT *
        FROM event_figures
        WHERE event_id = events.id
            AND at <= p_at
        ORDER BY at DESC
        LIMIT 1
    ) AS figures ON true
    CROSS JOIN LATERAL jsonb_populate_record(
        NULL::events,
        version.fields || jsonb_build_object(
            'id', events.id,
            'version', version.version,
            'created_at', events.created_at,
            'updated_at', version.at,
            'counted_at', figures.at,
            'bookings_count', coalesce(figures.bookings_count, 0),
            'tickets_sold', coalesce(figures.tickets_sold, 0),
            'revenue', coalesce(figures.revenue, 0),
            'tickets_checked_in', coalesce(figures.tickets_checked_in, 0),
            'search_text',
            search_text((version.fields ->> 'title') || ' ' || (version.fields ->> 'venue'))
        )
    ) AS past
    WHERE events.id = p_event_id;
$$;

COMMENT ON FUNCTION event_as_of(bigint, timestamptz) IS
    'The row of an event as it was at a time: fields and counters. No row: it did not exist yet.';

REVOKE EXECUTE ON FUNCTION event_as_of(bigint, timestamptz) FROM PUBLIC;

CREATE OR REPLACE FUNCTION events_as_of(p_at timestamptz)
RETURNS SETOF events
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    SELECT past.*
    FROM events
    CROSS JOIN LATERAL event_as_of(events.id, p_at) AS past
    WHERE events.created_at <= p_at;
$$;

COMMENT ON FUNCTION events_as_of(timestamptz) IS
    'All events as they were at a time, see event_as_of(). events_as_of(now()) is the present.';

REVOKE EXECUTE ON FUNCTION events_as_of(timestamptz) FROM PUBLIC;

-- check_in_ticket: a ticket admits exactly once, whatever two scanners do. The triggers on tickets
-- set the time, count and write the log.

CREATE OR REPLACE FUNCTION check_in_ticket(
    p_code text,
    p_event_id bigint,
    p_actor_id bigint
)
RETURNS TABLE (
    ticket_id bigint,
    ticket_code text,
    used_at timestamptz,
    booking_id bigint,
    booking_quantity integer,
    customer_name text,
    event_id bigint,
    event_title text,
    event_tickets_sold integer,
    event_tickets_checked_in integer
)
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
#variable_conflict use_column
DECLARE
    v_code constant text := parse_ticket_code(p_code);
    v_booking bookings;
    v_event events;
    v_ticket tickets;
BEGIN
    PERFORM require_admin(p_actor_id);
    IF v_code IS NULL THEN
        PERFORM raise_problem('TK017');
    END IF;
    SELECT bookings.*
    INTO v_booking
    FROM tickets
    JOIN bookings ON bookings.id = tickets.booking_id
    WHERE tickets.ticket_code = v_code;
    IF v_booking.id IS NULL THEN
        PERFORM raise_problem('TK009');
    END IF;

    -- Lock order: event, booking, tickets.
    SELECT events.* INTO v_event FROM events WHERE id = v_booking.event_id FOR NO KEY UPDATE;
    SELECT bookings.* INTO v_booking FROM bookings WHERE id = v_booking.id FOR NO KEY UPDATE;
    SELECT tickets.* INTO v_ticket FROM tickets WHERE tickets.ticket_code = v_code FOR NO KEY UPDATE;
    IF v_event.id <> p_event_id THEN
        PERFORM raise_problem('TK012', jsonb_build_object('event_title', v_event.title));
    ELSIF v_ticket.status = 'used' THEN
        PERFORM raise_problem(
            'TK010', jsonb_build_object('used_at', to_char(timezone('UTC', v_ticket.used_at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
        );
    ELSIF 'cancelled' IN (v_ticket.status::text, v_booking.status::text, v_event.status::text) THEN
        PERFORM raise_problem('TK011');
    END IF;

    PERFORM act_as(p_actor_id);
    UPDATE tickets SET status = 'used' WHERE id = v_ticket.id RETURNING * INTO v_ticket;
    PERFORM act_as(NULL);
    RETURN QUERY
    SELECT
        v_ticket.id,
        v_ticket.ticket_code,
        v_ticket.used_at,
        v_booking.id,
        v_booking.quantity,
        users.name,
        events.id,
        events.title,
        events.tickets_sold,
        events.tickets_checked_in
    FROM users, events
    WHERE users.id = v_booking.user_id
        AND events.id = v_event.id;
END;
$$;

COMMENT ON FUNCTION check_in_ticket(text, bigint, bigint) IS
    'Admits the holder of a ticket code, once. p_event_id: refuse a ticket for another event; '
    'NULL: any event. Raises TK017 mistyped, TK009 unknown, TK012 for another event, TK011 '
    'cancelled, TK010 already used (and when), TK020 when the actor is not an admin.';

-- event_figures_by_ledger: the history of the counters, computed from bookings and tickets instead
-- of read. After an import of an old ledger it is what event_figures should hold.

CREATE VIEW event_figures_by_ledger AS
SELECT
    event_id,
    at,
    (sum(bookings) OVER so_far)::integer AS bookings_count,
    (sum(tickets) OVER so_far)::integer AS tickets_sold,
    (sum(amount) OVER so_far)::numeric(16, 2) AS revenue,
    (sum(checked_in) OVER so_far)::integer AS tickets_checked_in
FROM (
    SELECT
        event_id,
        at,
        sum(bookings) AS bookings,
        sum(tickets) AS tickets,
        sum(amount) AS amount,
        sum(checked_in) AS checked_in
    FROM (
        SELECT event_id, booking_date AS at, 1 AS bookings, quantity AS tickets,
            total_amount AS amount, 0 AS checked_in
        FROM bookings
        UNION ALL
        SELECT event_id, cancelled_at AS at, -1 AS bookings, -quantity AS tickets,
            -total_amount AS amount, -tickets_checked_in AS checked_in
        FROM bookings
        WHERE status = 'cancelled'
        UNION ALL
        SELECT bookings.event_id, tickets.used_at AS at, 0 AS bookings, 0 AS tickets,
            0 AS amount, 1 AS checked_in
        FROM bookings
        JOIN tickets ON tickets.booking_id = bookings.id
        WHERE tickets.status = 'used'
    ) AS change
    GROUP BY event_id, at
) AS moment
WINDOW so_far AS (PARTITION BY event_id ORDER BY at);

COMMENT ON VIEW event_figures_by_ledger IS
    'What the counters of each event were from one booking, cancellation or check-in to the next, '
    'computed from the ledger. event_figures holds the same as it was recorded.';

COMMENT ON COLUMN event_figures_by_ledger.at IS 'When the counters became this.';

-- Each answer of the API that finds its work done already stands on a commit of its own.
GRANT EXECUTE ON FUNCTION stand_on_own_commit() TO ticketing_api;

GRANT EXECUTE ON FUNCTION create_event(jsonb, bigint) TO ticketing_api;

GRANT EXECUTE ON FUNCTION update_event(bigint, jsonb, integer, bigint) TO ticketing_api;

-- The past: no personal data in it.
GRANT SELECT ON event_versions, event_figures TO ticketing_api, ticketing_reader;

GRANT EXECUTE ON FUNCTION event_as_of(bigint, timestamptz) TO ticketing_api, ticketing_reader;

GRANT EXECUTE ON FUNCTION events_as_of(timestamptz) TO ticketing_api, ticketing_reader;

-- activity gets one partition a month, so that old months can be dropped, and indexes for what one
-- person did, what was done to one booking, and a range of time. The rows move into their months;
-- meanwhile, some seconds for a million of them, nothing can be written into the log, and what
-- would be (a check-in, a cancellation, an edit) waits or is asked to come again. Sales go on.
-- depends: 0009_drop_events_active_by_date_time
-- squawk-ignore-file ban-drop-default, ban-drop-table, renaming-object, renaming-table, require-concurrent-index-creation

-- Readers take the lock of the view first. This takes it, and changes nothing.
ALTER VIEW recent_activity ALTER COLUMN at DROP DEFAULT;

ALTER TABLE activity RENAME TO activity_before;
DO $$
DECLARE
    v_name text;
BEGIN
    FOR v_name IN SELECT conname FROM pg_constraint WHERE conrelid = 'activity_before'::regclass LOOP
        EXECUTE format('ALTER TABLE activity_before RENAME CONSTRAINT %I TO %I', v_name, 'before_' || v_name);
    END LOOP;
END;
$$;
ALTER INDEX activity_by_event RENAME TO activity_before_by_event;
ALTER SEQUENCE activity_id_seq RENAME TO activity_before_id_seq;

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
    -- The time is in it because a partitioned table requires that; ids alone are unique as well.
    CONSTRAINT activity_pkey PRIMARY KEY (id, at),
    CONSTRAINT activity_detail_is_object CHECK (jsonb_typeof(detail) = 'object')
)
PARTITION BY RANGE (at);

COMMENT ON TABLE activity IS
    'Append-only log: events created, edited, cancelled, completed; bookings cancelled; tickets '
    'admitted; users created or changed by an admin. A sale is its booking row. One partition a '
    'month; to delete an old month, drop its partition.';
COMMENT ON COLUMN activity.actor_id IS 'The user who did it. NULL: nobody signed in, it was done in psql.';
COMMENT ON COLUMN activity.event_id IS 'NULL: not about an event.';
COMMENT ON COLUMN activity.booking_id IS 'NULL: not about a booking.';
COMMENT ON COLUMN activity.ticket_id IS 'NULL: not about a ticket.';
COMMENT ON COLUMN activity.user_id IS 'The user it was done to, or whose booking or ticket it was. NULL: no user.';
COMMENT ON COLUMN activity.detail IS 'For edits: {"was": {...}, "became": {...}} with the fields that changed. Never a phone, a password or a ticket code.';

-- The triggers of the old table.
DO $$
DECLARE
    v_trigger record;
BEGIN
    FOR v_trigger IN
        SELECT tgname AS name, pg_get_triggerdef(oid) AS definition, obj_description(oid, 'pg_trigger') AS comment
        FROM pg_trigger
        WHERE tgrelid = 'activity_before'::regclass AND NOT tgisinternal
    LOOP
        EXECUTE replace(v_trigger.definition, ' ON public.activity_before ', ' ON public.activity ');
        EXECUTE format('COMMENT ON TRIGGER %I ON activity IS %L', v_trigger.name, v_trigger.comment);
    END LOOP;
END;
$$;

CREATE FUNCTION guard_activity_partition(p_partition regclass)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_trigger record;
BEGIN
    FOR v_trigger IN
        SELECT tgname AS name, pg_get_triggerdef(oid) AS definition, obj_description(oid, 'pg_trigger') AS comment
        FROM pg_trigger
        WHERE tgrelid = 'activity'::regclass
            AND NOT tgisinternal
            -- PostgreSQL copies row-level triggers (1) to partitions, and no others.
            AND tgtype & 1 = 0
            AND tgname NOT IN (SELECT tgname FROM pg_trigger WHERE tgrelid = p_partition)
    LOOP
        EXECUTE replace(v_trigger.definition, ' ON public.activity ', format(' ON %s ', p_partition));
        EXECUTE format('COMMENT ON TRIGGER %I ON %s IS %L', v_trigger.name, p_partition, v_trigger.comment);
    END LOOP;
END;
$$;
COMMENT ON FUNCTION guard_activity_partition(regclass) IS
    'Gives a partition the triggers of activity that it lacks: a statement that names the '
    'partition does not call those of activity.';
REVOKE EXECUTE ON FUNCTION guard_activity_partition(regclass) FROM PUBLIC;

CREATE FUNCTION make_activity_partition(p_month date)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_name constant text := 'activity_' || to_char(p_month, 'YYYY_MM');
    v_from constant timestamptz := timezone('UTC', date_trunc('month', p_month::timestamp));
    v_to constant timestamptz := timezone('UTC', date_trunc('month', p_month::timestamp) + interval '1 month');
BEGIN
    IF to_regclass(v_name) IS NOT NULL THEN
        RETURN;
    END IF;
    -- Created first and attached later: sales and check-ins do not wait for that.
    EXECUTE format(
        'CREATE TABLE %I (LIKE activity INCLUDING DEFAULTS INCLUDING CONSTRAINTS)'
        ' WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02)',
        v_name
    );
    EXECUTE format('COMMENT ON TABLE %I IS %L', v_name, 'The rows of activity of ' || to_char(p_month, 'YYYY-MM') || ' (UTC).');
    IF EXISTS (SELECT FROM activity_default WHERE at >= v_from AND at < v_to) THEN
        -- Rows cannot be deleted from the log. So the rows of this month move to its partition, and
        -- all others to a new default partition.
        ALTER TABLE activity DETACH PARTITION activity_default;
        ALTER TABLE activity_default RENAME TO activity_default_before;
        CREATE TABLE activity_default (LIKE activity_default_before INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
        EXECUTE format('INSERT INTO %I SELECT * FROM activity_default_before WHERE at >= %L AND at < %L', v_name, v_from, v_to);
        INSERT INTO activity_default SELECT * FROM activity_default_before WHERE at < v_from OR at >= v_to;
        DROP TABLE activity_default_before;
        ALTER TABLE activity ATTACH PARTITION activity_default DEFAULT;
        COMMENT ON TABLE activity_default IS 'The rows of activity of months that have no partition yet; usually none.';
        PERFORM guard_activity_partition('activity_default');
    END IF;
    EXECUTE format('ALTER TABLE activity ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', v_name, v_from, v_to);
    PERFORM guard_activity_partition(v_name::regclass);
END;
$$;
COMMENT ON FUNCTION make_activity_partition(date) IS
    'Makes the partition of activity for the month of this day, unless it is there.';
REVOKE EXECUTE ON FUNCTION make_activity_partition(date) FROM PUBLIC;

CREATE FUNCTION make_activity_partitions()
RETURNS void
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
-- A session that reads the log keeps a partition from being attached: try again the next day.
SET lock_timeout = '2s'
AS $$
DECLARE
    v_this_month constant date := date_trunc('month', timezone('UTC', clock_timestamp()))::date;
BEGIN
    -- All API processes call this at about the same time: one of them is enough.
    IF NOT pg_try_advisory_xact_lock(20, 0) THEN
        RETURN;
    END IF;
    FOR v_ahead IN 0 .. 3 LOOP
        PERFORM make_activity_partition((v_this_month + v_ahead * interval '1 month')::date);
    END LOOP;
    PERFORM guard_activity_partition(inhrelid::regclass)
    FROM pg_inherits
    WHERE inhparent = 'activity'::regclass;
END;
$$;
COMMENT ON FUNCTION make_activity_partitions() IS
    'Makes the partitions of activity for this month and the next three, and gives each partition '
    'the triggers of activity. To be called each day; calling it more often changes nothing.';
REVOKE EXECUTE ON FUNCTION make_activity_partitions() FROM PUBLIC;

CREATE TABLE activity_default PARTITION OF activity DEFAULT;
COMMENT ON TABLE activity_default IS 'The rows of activity of months that have no partition yet; usually none.';

DO $$
BEGIN
    PERFORM make_activity_partition(month)
    FROM (SELECT DISTINCT date_trunc('month', timezone('UTC', at))::date FROM activity_before) AS used (month);
    PERFORM make_activity_partitions();
END;
$$;

INSERT INTO activity (id, at, actor_id, action, event_id, booking_id, ticket_id, user_id, detail)
OVERRIDING SYSTEM VALUE
SELECT id, at, actor_id, action, event_id, booking_id, ticket_id, user_id, detail
FROM activity_before
ORDER BY id;
DO $$
BEGIN
    PERFORM setval('activity_id_seq', last_value, is_called) FROM activity_before_id_seq;
END;
$$;

-- list_activity.sql of one event: who cancelled it, and what it was before.
CREATE INDEX activity_by_event ON activity (event_id, id) WHERE event_id IS NOT NULL;

-- What one person did. Who scanned a ticket is asked by event: admissions would be most of it.
CREATE INDEX activity_by_actor ON activity (actor_id, id) WHERE action <> 'ticket-admitted';

-- What was done to one booking and its tickets.
CREATE INDEX activity_by_booking ON activity (booking_id) WHERE booking_id IS NOT NULL;

-- What was done in some hours of a month. Rows come in the order of time, so that a summary of
-- each range of pages is enough.
CREATE INDEX activity_by_time ON activity USING brin (at);

COMMENT ON INDEX activity_by_event IS 'For the history of one event. Partial: lines about users belong to no event.';
COMMENT ON INDEX activity_by_actor IS 'For what one person did. Partial: admissions are most of the log and are looked up by event.';
COMMENT ON INDEX activity_by_booking IS 'For the history of one booking.';
COMMENT ON INDEX activity_by_time IS 'For a range of time shorter than a month.';

-- Each view of the old table becomes one of the new table, and keeps its rights and comments.
DO $$
DECLARE
    v_view record;
BEGIN
    FOR v_view IN
        SELECT DISTINCT ev_class::regclass AS name, pg_get_viewdef(ev_class) AS definition
        FROM pg_depend
        JOIN pg_rewrite ON pg_rewrite.oid = objid AND classid = 'pg_rewrite'::regclass
        WHERE refobjid = 'activity_before'::regclass AND ev_class <> refobjid
    LOOP
        EXECUTE format(
            'CREATE OR REPLACE VIEW %s AS %s',
            v_view.name,
            regexp_replace(v_view.definition, '\mactivity_before\M', 'activity', 'g')
        );
    END LOOP;
END;
$$;

DROP TABLE activity_before;
ANALYZE activity;

GRANT EXECUTE ON FUNCTION make_activity_partitions() TO ticketing_api;

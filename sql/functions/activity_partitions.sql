-- The partitions of activity. API processes call make_activity_partitions() each day, and so does
-- `make migrate`: it makes the partitions of the coming months. If it is not called for months,
-- nothing is refused: rows go to activity_default, and move when the partition of their month is
-- made.

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
        SELECT
            tgname AS name,
            pg_get_triggerdef(oid) AS definition,
            obj_description(oid, 'pg_trigger') AS comment
        FROM pg_trigger
        WHERE tgrelid = 'activity'::regclass
            AND NOT tgisinternal
            -- PostgreSQL copies row-level triggers (1) to partitions, and no others.
            AND tgtype & 1 = 0
            AND tgname NOT IN (SELECT tgname FROM pg_trigger WHERE tgrelid = p_partition)
    LOOP
        EXECUTE replace(
            v_trigger.definition, ' ON public.activity ', format(' ON %s ', p_partition)
        );
        EXECUTE format(
            'COMMENT ON TRIGGER %I ON %s IS %L', v_trigger.name, p_partition, v_trigger.comment
        );
    END LOOP;
END;
$$;
COMMENT ON FUNCTION guard_activity_partition IS
    'Gives a partition the triggers of activity that it lacks: a statement that names the '
    'partition does not call those of activity.';

CREATE FUNCTION make_activity_partition(p_month date)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_name constant text := 'activity_' || to_char(p_month, 'YYYY_MM');
    v_from constant timestamptz := timezone('UTC', date_trunc('month', p_month::timestamp));
    v_to constant timestamptz := timezone(
        'UTC', date_trunc('month', p_month::timestamp) + interval '1 month'
    );
BEGIN
    IF to_regclass(v_name) IS NOT NULL THEN
        RETURN;
    END IF;
    -- The table is created first and attached later, so that sales and check-ins do not wait.
    EXECUTE format(
        'CREATE TABLE %I (LIKE activity INCLUDING DEFAULTS INCLUDING CONSTRAINTS)'
        ' WITH (autovacuum_vacuum_scale_factor = 0.02,'
        ' autovacuum_vacuum_insert_scale_factor = 0.02)',
        v_name
    );
    EXECUTE format(
        'COMMENT ON TABLE %I IS %L',
        v_name,
        'The rows of activity of ' || to_char(p_month, 'YYYY-MM') || ' (UTC).'
    );
    IF EXISTS (SELECT FROM activity_default WHERE at >= v_from AND at < v_to) THEN
        -- Rows cannot be deleted from the log. So the rows of this month move to its partition, and
        -- all others to a new default partition.
        ALTER TABLE activity DETACH PARTITION activity_default;
        ALTER TABLE activity_default RENAME TO activity_default_before;
        CREATE TABLE activity_default (
            LIKE activity_default_before INCLUDING DEFAULTS INCLUDING CONSTRAINTS
        );
        EXECUTE format(
            'INSERT INTO %I SELECT * FROM activity_default_before WHERE at >= %L AND at < %L',
            v_name,
            v_from,
            v_to
        );
        INSERT INTO activity_default
        SELECT *
        FROM activity_default_before
        WHERE at < v_from
            OR at >= v_to;
        DROP TABLE activity_default_before;
        ALTER TABLE activity ATTACH PARTITION activity_default DEFAULT;
        COMMENT ON TABLE activity_default IS
            'The rows of activity of months that have no partition yet; usually none.';
        PERFORM guard_activity_partition('activity_default');
    END IF;
    EXECUTE format(
        'ALTER TABLE activity ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        v_name,
        v_from,
        v_to
    );
    PERFORM guard_activity_partition(v_name::regclass);
END;
$$;
COMMENT ON FUNCTION make_activity_partition IS
    'Makes the partition of activity for the month of this day, unless it exists.';

CREATE FUNCTION make_activity_partitions()
RETURNS void
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
-- A session that reads the log keeps a partition from being attached. The next day tries again.
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
COMMENT ON FUNCTION make_activity_partitions IS
    'Makes the partitions of activity for this month and the next three, and gives each partition '
    'the triggers of activity. Call it each day; calling it more often changes nothing.';

CREATE TABLE activity_default PARTITION OF activity DEFAULT;
COMMENT ON TABLE activity_default IS
    'The rows of activity of months that have no partition yet; usually none.';

DO $$
BEGIN
    PERFORM make_activity_partitions();
END;
$$;

-- Takes 0010_partition_activity back.

-- Readers take the lock of the view first. This takes it, and changes nothing.
ALTER VIEW recent_activity ALTER COLUMN at DROP DEFAULT;

ALTER TABLE activity RENAME TO activity_by_month;
DO $$
DECLARE
    v_name text;
BEGIN
    FOR v_name IN SELECT conname FROM pg_constraint WHERE conrelid = 'activity_by_month'::regclass LOOP
        EXECUTE format('ALTER TABLE activity_by_month RENAME CONSTRAINT %I TO %I', v_name, 'before_' || v_name);
    END LOOP;
END;
$$;
ALTER INDEX activity_by_event RENAME TO activity_by_month_by_event;
ALTER SEQUENCE activity_id_seq RENAME TO activity_by_month_id_seq;

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
    CONSTRAINT activity_pkey PRIMARY KEY (id),
    CONSTRAINT activity_detail_is_object CHECK (jsonb_typeof(detail) = 'object')
);

COMMENT ON TABLE activity IS 'Append-only log: events created, edited, cancelled, completed; bookings cancelled; tickets admitted; users created or changed by an admin. A sale is its booking row.';
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
        WHERE tgrelid = 'activity_by_month'::regclass AND NOT tgisinternal
    LOOP
        EXECUTE replace(v_trigger.definition, ' ON public.activity_by_month ', ' ON public.activity ');
        EXECUTE format('COMMENT ON TRIGGER %I ON activity IS %L', v_trigger.name, v_trigger.comment);
    END LOOP;
END;
$$;

INSERT INTO activity (id, at, actor_id, action, event_id, booking_id, ticket_id, user_id, detail)
OVERRIDING SYSTEM VALUE
SELECT id, at, actor_id, action, event_id, booking_id, ticket_id, user_id, detail
FROM activity_by_month
ORDER BY id;
DO $$
BEGIN
    PERFORM setval('activity_id_seq', last_value, is_called) FROM activity_by_month_id_seq;
END;
$$;

-- recent_activity of one event: who cancelled it, and what it was before.
CREATE INDEX activity_by_event ON activity (event_id, id) WHERE event_id IS NOT NULL;

COMMENT ON INDEX activity_by_event IS 'For the history of one event. Partial: most rows about users have no event.';

-- Each view of the old table becomes one of the new table, and keeps its rights and comments.
DO $$
DECLARE
    v_view record;
BEGIN
    FOR v_view IN
        SELECT DISTINCT ev_class::regclass AS name, pg_get_viewdef(ev_class) AS definition
        FROM pg_depend
        JOIN pg_rewrite ON pg_rewrite.oid = objid AND classid = 'pg_rewrite'::regclass
        WHERE refobjid = 'activity_by_month'::regclass AND ev_class <> refobjid
    LOOP
        EXECUTE format(
            'CREATE OR REPLACE VIEW %s AS %s',
            v_view.name,
            regexp_replace(v_view.definition, '\mactivity_by_month\M', 'activity', 'g')
        );
    END LOOP;
END;
$$;

DROP FUNCTION make_activity_partitions();
DROP FUNCTION make_activity_partition(date);
DROP FUNCTION guard_activity_partition(regclass);
DROP TABLE activity_by_month;
ANALYZE activity;

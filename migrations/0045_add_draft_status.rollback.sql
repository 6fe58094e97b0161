-- Takes 0045_add_draft_status back. PostgreSQL takes no value out of an enum: the type is made again,
-- and the table of events is rewritten. Sales wait meanwhile.
-- What names the type or the column is dropped first. It comes back as it was, from the catalog.

LOCK TABLE
    event_sales, event_details, event_availability, booking_details, events_at_another_local_time
IN ACCESS EXCLUSIVE MODE;

DO $$
DECLARE
    v_view regclass;
    v_function regprocedure;
    v_trigger record;
    v_again text[] := '{}';
BEGIN
    -- Each stands before the views that it reads.
    FOREACH v_view IN ARRAY ARRAY[
        'integrity_violations', 'integrity_violations_outside_events',
        'events_at_another_local_time', 'booking_details', 'event_availability', 'event_sales',
        'event_details'
    ]::regclass[] LOOP
        v_again := ARRAY[
                format('CREATE VIEW %s AS %s', v_view, pg_get_viewdef(v_view)),
                format('COMMENT ON VIEW %s IS %L', v_view, obj_description(v_view, 'pg_class'))
            ]
            || ARRAY(
                SELECT format('COMMENT ON COLUMN %s.%I IS %L', v_view, attname, comment)
                FROM pg_attribute
                CROSS JOIN LATERAL col_description(attrelid, attnum) AS comment
                WHERE attrelid = v_view
                    AND comment IS NOT NULL
            )
            || ARRAY(
                SELECT format('GRANT %s ON %s TO %s', privilege_type, v_view, grantee::regrole)
                FROM pg_class
                CROSS JOIN LATERAL aclexplode(relacl)
                WHERE pg_class.oid = v_view
                    AND grantee <> relowner
            )
            || v_again;
        EXECUTE format('DROP VIEW %s', v_view);
    END LOOP;
    -- Calls of the first release, with the type in their arguments or their answer.
    FOREACH v_function IN ARRAY ARRAY[
        'book_tickets(bigint[], bigint[], integer[], text[], bigint[], numeric[])',
        'update_event(bigint, text, text, text, timestamptz, text, integer, numeric, integer, '
            'event_status, integer, bigint)'
    ]::regprocedure[] LOOP
        v_again := v_again || ARRAY[
            pg_get_functiondef(v_function),
            format(
                'COMMENT ON FUNCTION %s IS %L', v_function, obj_description(v_function, 'pg_proc')
            ),
            format('GRANT EXECUTE ON FUNCTION %s TO ticketing_api', v_function)
        ];
        EXECUTE format('DROP FUNCTION %s', v_function);
    END LOOP;
    FOR v_trigger IN
        SELECT oid, tgname
        FROM pg_trigger
        WHERE tgrelid = 'events'::regclass
            AND tgname IN ('events_ended_is_final', 'events_raise_version')
    LOOP
        v_again := v_again || ARRAY[
            pg_get_triggerdef(v_trigger.oid),
            format(
                'COMMENT ON TRIGGER %I ON events IS %L',
                v_trigger.tgname,
                obj_description(v_trigger.oid, 'pg_trigger')
            )
        ];
        EXECUTE format('DROP TRIGGER %I ON events', v_trigger.tgname);
    END LOOP;
    DROP TRIGGER events_words_updated ON events;
    -- Views and functions need these three, so only their bodies make room.
    v_again := ARRAY[
        pg_get_functiondef('bookable(events)'::regprocedure),
        pg_get_functiondef('editable_fields(events)'::regprocedure),
        pg_get_functiondef('cancelled_before_event(bookings, events)'::regprocedure)
    ] || v_again;
    CREATE OR REPLACE FUNCTION bookable(p_event events)
    RETURNS boolean
    LANGUAGE sql
    STABLE
    PARALLEL SAFE
    RETURN NULL::boolean;
    CREATE OR REPLACE FUNCTION editable_fields(p_event events)
    RETURNS jsonb
    LANGUAGE sql
    STABLE
    PARALLEL SAFE
    RETURN NULL::jsonb;
    CREATE OR REPLACE FUNCTION cancelled_before_event(p_booking bookings, p_event events)
    RETURNS boolean
    LANGUAGE sql
    STABLE
    RETURN NULL::boolean;

    ALTER TYPE event_status RENAME TO event_status_with_draft;
    CREATE TYPE event_status AS ENUM ('active', 'cancelled', 'completed');
    COMMENT ON TYPE event_status IS
        'active: on sale until it starts. cancelled and completed are final: the event is read-only '
        'from then on.';
    ALTER TABLE events
        DROP CONSTRAINT events_cancellation_reason_only_when_cancelled,
        ALTER status DROP DEFAULT;
    ALTER TABLE events ALTER status TYPE event_status USING status::text::event_status;
    ALTER TABLE events
        ADD CONSTRAINT events_cancellation_reason_only_when_cancelled CHECK (
            cancellation_reason IS NULL OR status = 'cancelled'
        ),
        ALTER status SET DEFAULT 'active';
    ALTER TYPE booking_with_tickets ALTER ATTRIBUTE event_status TYPE event_status;
    FOR i IN 1..cardinality(v_again) LOOP
        EXECUTE v_again[i];
    END LOOP;
    -- The catalog writes the condition of this trigger in another form than it was given.
    CREATE TRIGGER events_words_updated
    AFTER UPDATE OF title, venue, status ON events
    FOR EACH ROW
    WHEN ((OLD.title, OLD.venue, OLD.status) IS DISTINCT FROM (NEW.title, NEW.venue, NEW.status))
    EXECUTE FUNCTION keep_event_words();
    COMMENT ON TRIGGER events_words_updated ON events IS 'Keeps event_words.';
    DROP TYPE event_status_with_draft;
END;
$$;

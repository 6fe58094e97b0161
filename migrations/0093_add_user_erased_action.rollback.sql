-- Takes 0093_add_user_erased_action back. PostgreSQL takes no value out of an enum: the type is made
-- again with the others, and the log is rewritten. A line with the value ends this step with an
-- error, and is kept. What names the column is dropped first, or makes room, and comes back as it
-- was.

DO $$
DECLARE
    v_facts constant text := pg_get_viewdef('facts'::regclass);
    v_guests_at constant text := pg_get_functiondef('guests_at'::regproc);
    v_comment constant text := obj_description('activity_action'::regtype, 'pg_type');
    v_values constant text := (
        SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder)
        FROM pg_enum
        WHERE enumtypid = 'activity_action'::regtype
            AND enumlabel <> 'user-erased'
    );
    v_again text[] := ARRAY[
            'CREATE VIEW recent_activity AS ' || pg_get_viewdef('recent_activity'::regclass),
            format(
                'COMMENT ON VIEW recent_activity IS %L',
                obj_description('recent_activity'::regclass, 'pg_class')
            )
        ]
        || ARRAY(
            SELECT format('COMMENT ON COLUMN recent_activity.%I IS %L', attname, comment)
            FROM pg_attribute
            CROSS JOIN LATERAL col_description(attrelid, attnum) AS comment
            WHERE attrelid = 'recent_activity'::regclass
                AND comment IS NOT NULL
        )
        || ARRAY[
            'GRANT SELECT ON recent_activity TO ticketing_api, ticketing_reader',
            -- Of partitions as well, which the catalog leaves out.
            replace(pg_get_indexdef('activity_by_actor'::regclass), ' ON ONLY ', ' ON '),
            format(
                'COMMENT ON INDEX activity_by_actor IS %L',
                obj_description('activity_by_actor'::regclass, 'pg_class')
            )
        ];
    v_function regprocedure;
BEGIN
    -- Functions with the type among their arguments.
    FOR v_function IN
        SELECT oid::regprocedure
        FROM pg_proc
        WHERE 'activity_action'::regtype = ANY (proargtypes::oid[])
        ORDER BY oid
    LOOP
        v_again := v_again || ARRAY[
            pg_get_functiondef(v_function),
            format(
                'COMMENT ON FUNCTION %s IS %L', v_function, obj_description(v_function, 'pg_proc')
            )
        ] || ARRAY(
            SELECT format('GRANT EXECUTE ON FUNCTION %s TO %s', v_function, grantee::regrole)
            FROM pg_proc
            CROSS JOIN LATERAL aclexplode(proacl)
            WHERE pg_proc.oid = v_function
                AND grantee NOT IN (0, proowner)
        );
        EXECUTE format('DROP FUNCTION %s', v_function);
    END LOOP;
    DROP VIEW recent_activity;
    DROP INDEX activity_by_actor;
    CREATE OR REPLACE VIEW facts AS
    SELECT
        NULL::text AS source,
        NULL::bigint AS id,
        NULL::xid8 AS written_in,
        NULL::timestamptz AS at,
        NULL::text AS type,
        NULL::bigint AS event_id,
        NULL::bigint AS booking_id,
        NULL::bigint AS user_id,
        NULL::jsonb AS data;
    CREATE OR REPLACE FUNCTION guests_at(
        p_event_id bigint,
        p_at timestamptz
    )
    RETURNS SETOF bigint
    LANGUAGE sql
    STABLE
    SET search_path = public, pg_temp
    BEGIN ATOMIC
        SELECT NULL::bigint;
    END;
    ALTER TYPE activity_action RENAME TO activity_action_with_erasure;
    EXECUTE format('CREATE TYPE activity_action AS ENUM (%s)', v_values);
    EXECUTE format('COMMENT ON TYPE activity_action IS %L', v_comment);
    ALTER TABLE activity ALTER action TYPE activity_action USING action::text::activity_action;
    EXECUTE 'CREATE OR REPLACE VIEW facts AS ' || v_facts;
    EXECUTE v_guests_at;
    FOR i IN 1..cardinality(v_again) LOOP
        EXECUTE v_again[i];
    END LOOP;
    DROP TYPE activity_action_with_erasure;
END;
$$;

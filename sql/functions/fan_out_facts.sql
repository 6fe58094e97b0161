-- fan_out_facts: turns new facts into deliveries to webhooks and notices to customers. API
-- processes call it in a loop; one of them at a time does the work. It never sends anything.
--
-- Deliveries, notices and the cursor are written in one transaction: a process that is killed has
-- done either all of it or nothing.

CREATE FUNCTION this_database()
RETURNS text
LANGUAGE sql
STABLE
SET search_path = public, pg_temp
RETURN (
    SELECT system_identifier || '/' || pg_database.oid
    FROM pg_control_system()
    CROSS JOIN pg_database
    WHERE datname = current_database()
);
COMMENT ON FUNCTION this_database IS
    'Tells this database from a copy of it. It is the same after a failover; it is another after '
    'a restore elsewhere, after pg_upgrade, and in a database that has this one as its template.';

CREATE FUNCTION next_facts(
    p_cursor fact_cursors,
    p_horizon xid8,
    p_from_id bigint,
    p_to_id bigint,
    p_at_most integer
)
RETURNS facts[]
LANGUAGE plpgsql
STABLE
SET search_path = public, pg_temp
AS $$
BEGIN
    -- Two statements, so that each reads one table only.
    IF p_cursor.source = 'booking' THEN
        RETURN ARRAY(
            SELECT facts
            FROM facts
            WHERE source = 'booking'
                AND (written_in, id) > (p_cursor.written_in, p_cursor.id)
                AND written_in < p_horizon
                AND id BETWEEN p_from_id AND p_to_id
            ORDER BY written_in, id
            LIMIT p_at_most
        );
    END IF;
    RETURN ARRAY(
        SELECT facts
        FROM facts
        WHERE source = 'activity'
            AND (written_in, id) > (p_cursor.written_in, p_cursor.id)
            AND written_in < p_horizon
            AND id BETWEEN p_from_id AND p_to_id
        ORDER BY written_in, id
        LIMIT p_at_most
    );
END;
$$;
COMMENT ON FUNCTION next_facts IS
    'The facts after the cursor, in order, whose transaction is below p_horizon and whose id lies '
    'between p_from_id and p_to_id.';

CREATE FUNCTION wants_fact(
    p_endpoint webhook_endpoints,
    p_fact facts
)
RETURNS boolean
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN p_endpoint.disabled_at IS NULL
    AND (p_endpoint.types = '{}' OR p_fact.type = ANY (p_endpoint.types))
    AND (p_endpoint.event_id IS NULL OR p_endpoint.event_id = p_fact.event_id);
COMMENT ON FUNCTION wants_fact IS 'Whether this fact is sent to this webhook endpoint.';

CREATE FUNCTION deliver_facts(p_facts facts[])
RETURNS void
LANGUAGE sql
VOLATILE
SET search_path = public, pg_temp
AS $$
    INSERT INTO webhook_deliveries (endpoint_id, source, source_id, type, body)
    SELECT endpoint.id, fact.source, fact.id, fact.type, fact_body(fact)
    FROM unnest(p_facts) AS fact
    JOIN webhook_endpoints AS endpoint ON wants_fact(endpoint, fact)
    ON CONFLICT DO NOTHING;
$$;
COMMENT ON FUNCTION deliver_facts IS
    'For fan_out_facts: writes one delivery for each fact and each webhook endpoint that wants it.';

CREATE FUNCTION fan_out_facts(p_at_most integer DEFAULT 500)
RETURNS integer
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
    v_horizon xid8;
    v_cursor fact_cursors;
    v_facts facts[];
    v_read integer := 0;
BEGIN
    IF pause_restored_facts() THEN
        RETURN 0;
    END IF;
    -- Taken before the facts are read: what became visible since then is read the next time.
    v_horizon := pg_snapshot_xmin(pg_current_snapshot());
    FOR v_cursor IN
        -- Bookings come before their cancellations and check-ins.
        SELECT fact_cursors.* FROM fact_cursors ORDER BY source DESC FOR UPDATE SKIP LOCKED
    LOOP
        v_facts := next_facts(
            v_cursor, v_horizon, v_cursor.after_id + 1, 9223372036854775807, p_at_most
        );
        CONTINUE WHEN v_facts = '{}' AND v_cursor.written_in > '0';
        PERFORM deliver_facts(v_facts);
        PERFORM write_notices(v_facts);
        v_read := v_read + cardinality(v_facts);
        UPDATE fact_cursors
        SET (written_in, id) = (
            SELECT last.written_in, last.id
            FROM (
                -- When fewer facts are left than asked for, all below the horizon are read.
                SELECT v_horizon, 0 WHERE cardinality(v_facts) < p_at_most
                UNION ALL
                SELECT written_in, id FROM unnest(v_facts[p_at_most:])
            ) AS last (written_in, id)
        )
        WHERE source = v_cursor.source;
    END LOOP;
    RETURN v_read;
END;
$$;
COMMENT ON FUNCTION fan_out_facts IS
    'Reads at most p_at_most new facts of each source, in an order that loses none, and writes '
    'down which webhook endpoints and customers are to be told. Returns how many facts it has '
    'read; 0 also when another session is doing it, or when facts are paused.';

CREATE FUNCTION pause_restored_facts()
RETURNS boolean
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM fact_cursors) THEN
        INSERT INTO fact_cursors (source, database)
        SELECT source, this_database()
        FROM unnest(ARRAY['booking', 'activity']) AS source
        ON CONFLICT DO NOTHING;
    END IF;
    UPDATE fact_cursors
    SET paused = true,
        database = this_database(),
        after_id = CASE source
            WHEN 'booking' THEN (SELECT coalesce(max(id), 0) FROM bookings)
            ELSE (SELECT coalesce(max(id), 0) FROM activity)
        END
    WHERE database <> this_database();
    RETURN EXISTS (SELECT FROM fact_cursors WHERE paused);
END;
$$;
COMMENT ON FUNCTION pause_restored_facts IS
    'Pauses the reading of facts if this database is a copy of another, and returns whether it is '
    'paused. API processes call it before they answer requests: what they write is then known to '
    'be newer than the copy.';

CREATE FUNCTION resume_facts()
RETURNS bigint
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_cursor fact_cursors;
    v_facts facts[];
    v_read bigint := 0;
BEGIN
    PERFORM pause_restored_facts();
    FOR v_cursor IN
        SELECT fact_cursors.* FROM fact_cursors WHERE paused ORDER BY source DESC FOR UPDATE
    LOOP
        -- What was copied is committed, so there is no horizon.
        v_facts := next_facts(
            v_cursor, '18446744073709551615', 0, v_cursor.after_id, 2147483647
        );
        PERFORM deliver_facts(v_facts);
        PERFORM write_notices(v_facts);
        v_read := v_read + cardinality(v_facts);
        -- What this database wrote itself is read from its first transaction on.
        UPDATE fact_cursors
        SET paused = false,
            written_in = DEFAULT,
            id = DEFAULT
        WHERE source = v_cursor.source;
    END LOOP;
    RETURN v_read;
END;
$$;
COMMENT ON FUNCTION resume_facts IS
    'For the owner, after a restore: this database takes the place of the one that it is a copy '
    'of. The facts that were not read there are read now, and sending goes on. Returns how many it '
    'has read.';

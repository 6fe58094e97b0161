-- sweep_integrity: checks one slice of the database for contradictions and notes what it found.
-- Called again and again, it goes through everything and then begins again. Each call is a short
-- transaction: a snapshot that stays open keeps dead rows from being removed, which slows the
-- sale of every popular event.

CREATE FUNCTION last_id_of_slice(
    p_area text,
    p_from_id bigint,
    p_slice integer
)
RETURNS bigint
LANGUAGE sql
STABLE
SET search_path = public, pg_temp
RETURN coalesce(
    CASE p_area
        WHEN 'events' THEN (
            SELECT min(id)
            FROM (
                SELECT
                    id,
                    count(*) OVER slice >= p_slice
                        OR sum(bookings_count) OVER slice >= 10 * p_slice AS is_full
                FROM (
                    SELECT id, bookings_count
                    FROM events
                    WHERE id >= p_from_id
                    ORDER BY id
                    LIMIT p_slice
                ) AS next
                WINDOW slice AS (ORDER BY id)
            ) AS event
            WHERE is_full
        )
        WHEN 'tickets' THEN (
            SELECT id
            FROM tickets
            WHERE id >= p_from_id
            ORDER BY id
            OFFSET 10 * p_slice - 1
            LIMIT 1
        )
        WHEN 'users' THEN (
            SELECT id
            FROM users
            WHERE id >= p_from_id
            ORDER BY id
            OFFSET 10 * p_slice - 1
            LIMIT 1
        )
    END,
    9223372036854775807
);
COMMENT ON FUNCTION last_id_of_slice IS
    'For sweep_integrity: the last id of the slice that begins with p_from_id. A slice of events '
    'ends after p_slice events, or earlier after 10 * p_slice bookings; one of tickets or users '
    'after 10 * p_slice rows. The last slice ends at the largest bigint.';

CREATE FUNCTION sweep_integrity(p_slice integer DEFAULT 10000)
RETURNS SETOF integrity_sweep
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET jit = off
AS $$
DECLARE
    v_now constant timestamptz := clock_timestamp();
    v_sweep integrity_sweep;
    v_last_id bigint;
BEGIN
    IF p_slice IS NULL OR p_slice NOT BETWEEN 1 AND 1000000 THEN
        RAISE EXCEPTION 'p_slice must be between 1 and 1,000,000'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- Only when there is no row: ON CONFLICT would wait for a session that is checking a slice.
    IF NOT EXISTS (SELECT FROM integrity_sweep) THEN
        INSERT INTO integrity_sweep DEFAULT VALUES ON CONFLICT DO NOTHING;
    END IF;
    SELECT * INTO v_sweep FROM integrity_sweep FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF v_sweep.area IS NULL THEN
        v_sweep.area := 'events';
        v_sweep.began_at := v_now;
        v_sweep.events_checked := 0;
        v_sweep.events_total := (SELECT count(*) FROM events);
    END IF;

    v_last_id := last_id_of_slice(v_sweep.area, v_sweep.next_id, p_slice);
    DELETE FROM integrity_findings
    WHERE (v_sweep.area = 'events' AND event_id BETWEEN v_sweep.next_id AND v_last_id)
        OR (
            table_name = v_sweep.area
            AND event_id IS NULL
            AND row_id BETWEEN v_sweep.next_id AND v_last_id
        );
    INSERT INTO integrity_findings (kind, table_name, row_id, expected, actual, event_id, found_at)
    SELECT kind, table_name, row_id, expected, actual, event_id, v_now
    FROM (
        SELECT kind, table_name, row_id, expected, actual, event_id
        FROM integrity_violations_of(v_sweep.next_id, v_last_id)
        WHERE v_sweep.area = 'events'
        UNION ALL
        SELECT kind, table_name, row_id, expected, actual, NULL
        FROM integrity_violations_outside_events
        WHERE table_name = v_sweep.area
            AND row_id BETWEEN v_sweep.next_id AND v_last_id
    ) AS found
    LIMIT 1000;

    RETURN QUERY
    UPDATE integrity_sweep
    SET area = CASE
            WHEN v_last_id < 9223372036854775807 THEN v_sweep.area
            WHEN v_sweep.area = 'events' THEN 'tickets'
            WHEN v_sweep.area = 'tickets' THEN 'users'
            WHEN v_sweep.area = 'users' THEN 'event_words'
        END,
        next_id = CASE WHEN v_last_id < 9223372036854775807 THEN v_last_id + 1 ELSE 0 END,
        began_at = v_sweep.began_at,
        ended_at = CASE v_sweep.area
            WHEN 'event_words' THEN clock_timestamp()
            ELSE v_sweep.ended_at
        END,
        slice_at = clock_timestamp(),
        events_checked = v_sweep.events_checked + CASE v_sweep.area
            WHEN 'events' THEN (
                SELECT count(*) FROM events WHERE id BETWEEN v_sweep.next_id AND v_last_id
            )
            ELSE 0
        END,
        events_total = v_sweep.events_total
    RETURNING integrity_sweep.*;
END;
$$;
COMMENT ON FUNCTION sweep_integrity IS
    'Checks the next slice for contradictions, replaces what integrity_findings says about it, '
    'and returns how far the pass has come. No row: another session is checking a slice. p_slice: '
    'how many events a slice has at most.';

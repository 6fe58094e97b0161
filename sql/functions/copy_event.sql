-- copy_event: an admin copies an event to other dates, as drafts. copy_event_once: a repeated
-- request makes no second copies.

CREATE TYPE event_start AS (
    date_time timestamptz,
    local_date_time timestamp
);
COMMENT ON TYPE event_start IS
    'When an event starts: the instant, and the time on the venue''s clock. The latter may be '
    'NULL: it then follows from date_time by the rules that the database has.';

CREATE FUNCTION copy_event(
    p_event_id bigint,
    p_dates event_start[],
    p_actor_id bigint
)
RETURNS SETOF events
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_event events;
    v_date event_start;
    v_later interval;
BEGIN
    PERFORM require_admin(p_actor_id);
    SELECT events.* INTO v_event FROM events WHERE id = p_event_id;
    IF v_event.id IS NULL THEN
        PERFORM raise_problem('TK002');
    END IF;
    FOREACH v_date IN ARRAY p_dates LOOP
        v_date.local_date_time := coalesce(
            v_date.local_date_time,
            timezone(usable_time_zone(v_event.time_zone, utc_offset(v_event)), v_date.date_time)
        );
        -- On the clock, and not in elapsed time: a night on which the clocks change is no longer.
        v_later := v_date.local_date_time::time - v_event.local_date_time::time;
        RETURN NEXT create_event(
            editable_fields(v_event) - 'cancellation_reason' || jsonb_build_object(
                'status', 'draft',
                'date_time', v_date.date_time,
                'local_date_time', v_date.local_date_time,
                'doors_open', v_event.doors_open + v_later,
                'end_time', v_event.end_time + v_later,
                'sale_starts_at', v_event.sale_starts_at + (v_date.date_time - v_event.date_time),
                'sale_ends_at', v_event.sale_ends_at + (v_date.date_time - v_event.date_time)
            ),
            p_actor_id
        );
    END LOOP;
END;
$$;
COMMENT ON FUNCTION copy_event IS
    'Copies an event of any status to these dates and returns the copies, in the order of the '
    'dates. They are drafts with the fields of the event. Doors, end and sale times are as far '
    'from the start as those of the event. Raises TK002 when the event is unknown, and what '
    'create_event() raises.';

CREATE FUNCTION copy_event_once(
    p_event_id bigint,
    p_dates event_start[],
    p_actor_id bigint,
    p_idempotency_key text
)
RETURNS TABLE (event events, replayed boolean)
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
#variable_conflict use_column
DECLARE
    v_hash constant bytea := sha256(
        convert_to(jsonb_build_object('copy', p_event_id, 'to', p_dates)::text, 'UTF8')
    );
    v_event_ids bigint[];
BEGIN
    PERFORM require_admin(p_actor_id);
    IF p_idempotency_key IS NULL THEN
        RETURN QUERY
        SELECT copied, false FROM copy_event(p_event_id, p_dates, p_actor_id) AS copied;
        RETURN;
    END IF;
    v_event_ids := events_made_with_key(p_actor_id, p_idempotency_key, v_hash);
    IF v_event_ids IS NOT NULL THEN
        PERFORM wait_for_standby_at_commit();
        RETURN QUERY
        SELECT events, true
        FROM unnest(v_event_ids) WITH ORDINALITY AS made (id, place)
        JOIN events ON events.id = made.id
        ORDER BY made.place;
        RETURN;
    END IF;
    RETURN QUERY
    WITH copies AS MATERIALIZED (
        SELECT copied, (copied).id
        FROM copy_event(p_event_id, p_dates, p_actor_id) AS copied
    ),
    recorded AS (
        INSERT INTO event_creations (actor_id, idempotency_key, event_id, request_hash)
        SELECT p_actor_id, p_idempotency_key, id, v_hash FROM copies
    )
    SELECT copied, false FROM copies ORDER BY id;
END;
$$;
COMMENT ON FUNCTION copy_event_once IS
    'Copies an event as copy_event() does and returns the copies. A request with the same key by '
    'the same admin returns the copies as they are now, and replayed is true. p_idempotency_key '
    'NULL: the request has no key. Raises TK007 when the key made other events, and what '
    'copy_event() raises.';

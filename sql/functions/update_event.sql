-- update_event: an admin edits an event or ends it. The triggers on events do what follows from
-- it: version, history, log, and, when it is cancelled, its bookings and unused tickets. With very
-- many bookings that takes seconds, and callers need a statement_timeout to match.

CREATE FUNCTION require_editable_fields(p_fields jsonb)
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
COMMENT ON FUNCTION require_editable_fields IS
    'For create_event and update_event: refuses a field that editable_fields() does not name.';

CREATE FUNCTION with_sale_times(
    p_event events,
    p_fields jsonb
)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_new constant events := jsonb_populate_record(p_event, p_fields);
    v_later constant interval := v_new.date_time - p_event.date_time;
    v_fields jsonb := p_fields;
    v_ends_at timestamptz := v_new.sale_ends_at;
BEGIN
    IF v_later = interval '0' THEN
        RETURN p_fields;
    END IF;
    IF NOT p_fields ? 'sale_ends_at' AND p_event.sale_ends_at IS NOT NULL THEN
        v_ends_at := p_event.sale_ends_at + v_later;
        v_fields := v_fields || jsonb_build_object('sale_ends_at', v_ends_at);
    END IF;
    IF NOT p_fields ? 'sale_starts_at'
        AND p_event.sale_starts_at >= coalesce(v_ends_at, v_new.date_time)
    THEN
        v_fields := v_fields
            || jsonb_build_object('sale_starts_at', p_event.sale_starts_at + v_later);
    END IF;
    RETURN v_fields;
END;
$$;
COMMENT ON FUNCTION with_sale_times IS
    'The fields of an edit, and the sale times that follow from them when the event is moved and '
    'the edit does not name them. The end of the sale moves with the event. Its start stays as it '
    'was announced, unless it would come after the end: then it moves as well.';

CREATE FUNCTION update_event(
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
    v_fields jsonb;
    v_columns text;
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

    v_fields := with_sale_times(v_was, p_fields);
    v_columns := (
        SELECT string_agg(quote_ident(key), ', ') FROM jsonb_object_keys(v_fields) AS key
    );
    v_new := jsonb_populate_record(v_was, v_fields);
    IF editable_fields(v_new) = editable_fields(v_was) THEN
        PERFORM wait_for_standby_at_commit();
        RETURN v_was;
    ELSIF v_was.status IN ('cancelled', 'completed')
        OR (v_was.status, v_new.status) IN (('active', 'draft'), ('draft', 'completed'))
    THEN
        PERFORM raise_problem('TK013', jsonb_build_object('event_status', v_was.status));
    ELSIF v_new.capacity < v_was.tickets_sold THEN
        PERFORM raise_problem('TK014', jsonb_build_object('tickets_sold', v_was.tickets_sold));
    ELSIF v_new.date_time <= now()
        AND (
            v_new.date_time <> v_was.date_time
            OR (v_was.status, v_new.status) = ('draft', 'active')
        )
    THEN
        PERFORM raise_problem('TK015');
    END IF;
    PERFORM act_as(p_actor_id);
    PERFORM set_config('marquee.local_date_time_given', (p_fields ? 'local_date_time')::text, true);
    EXECUTE format('UPDATE events SET (%1$s) = (SELECT %1$s FROM (SELECT $1.*) AS new)', v_columns)
        || ' WHERE id = $2'
        USING v_new, p_event_id;
    PERFORM act_as(NULL);
    PERFORM set_config('marquee.local_date_time_given', '', true);
    -- Read again: cancelling has changed the counters as well.
    SELECT events.* INTO v_new FROM events WHERE id = p_event_id;
    RETURN v_new;
END;
$$;
COMMENT ON FUNCTION update_event(bigint, jsonb, integer, bigint) IS
    'Edits an event and returns it. p_fields: by name of column as in editable_fields(). A field '
    'that is missing stays as it is, except local_date_time, which then follows date_time and '
    'time_zone by the rules that the database has, and the sale times of an event that is moved: '
    'see with_sale_times(). p_expected_version: the edit is refused (TK018) when the event has '
    'another version; NULL: any version is accepted. Raises TK002 when the event is unknown, TK013 '
    'when it is cancelled or completed, and when the new status may not follow the present one, '
    'TK014 when the capacity would be below the tickets sold, TK015 when the event would move into '
    'the past, or be published after its start, TK020 when the actor is not an admin. Status active '
    'publishes a draft. Status cancelled cancels its bookings and unused tickets. A new price '
    'changes no existing booking. An edit that changes nothing does not raise the version.';

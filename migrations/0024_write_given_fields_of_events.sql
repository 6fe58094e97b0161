-- create_event and update_event write the fields that are given, without a list of their own:
-- editable_fields() is the only one.
-- depends: 0023_event_bookings_cancellable

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
    -- A field that is NULL gets the default of its column.
    v_fields constant jsonb := jsonb_strip_nulls(p_fields);
    v_columns constant text := (
        SELECT string_agg(quote_ident(key), ', ') FROM jsonb_object_keys(v_fields) AS key
    );
    v_given constant events := jsonb_populate_record(NULL::events, v_fields);
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
    EXECUTE format('INSERT INTO events (%1$s) SELECT %1$s FROM (SELECT $1.*) AS given', v_columns)
        || ' RETURNING *'
        INTO v_event
        USING v_given;
    PERFORM act_as(NULL);
    RETURN v_event;
END;
$$;

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
    v_columns constant text := (
        SELECT string_agg(quote_ident(key), ', ') FROM jsonb_object_keys(p_fields) AS key
    );
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

-- Takes 0024_write_given_fields_of_events back.

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
    v_given events := jsonb_populate_record(NULL::events, p_fields);
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
    INSERT INTO events (
        title, description, venue, date_time, time_zone, local_date_time, capacity, price,
        max_tickets_per_booking
    )
    VALUES (
        v_given.title,
        coalesce(v_given.description, ''),
        v_given.venue,
        v_given.date_time,
        v_given.time_zone,
        v_given.local_date_time,
        v_given.capacity,
        v_given.price,
        coalesce(v_given.max_tickets_per_booking, 10)
    )
    RETURNING * INTO v_event;
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
    UPDATE events
    SET title = v_new.title,
        description = v_new.description,
        venue = v_new.venue,
        date_time = v_new.date_time,
        time_zone = v_new.time_zone,
        local_date_time = v_new.local_date_time,
        capacity = v_new.capacity,
        price = v_new.price,
        max_tickets_per_booking = v_new.max_tickets_per_booking,
        status = v_new.status
    WHERE id = p_event_id;
    PERFORM act_as(NULL);
    PERFORM set_config('marquee.local_date_time_given', '', true);
    -- Read again: cancelling has changed the counters as well.
    SELECT events.* INTO v_new FROM events WHERE id = p_event_id;
    RETURN v_new;
END;
$$;

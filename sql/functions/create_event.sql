-- create_event: an admin puts an event on sale. The triggers on events write its history and log.

CREATE FUNCTION create_event(
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
COMMENT ON FUNCTION create_event(jsonb, bigint) IS
    'Creates an active event from its fields, by name of column as in editable_fields(), and '
    'returns it. local_date_time may be left out: it then follows from date_time by the rules '
    'that the database has. Raises TK015 when it would start in the past, TK020 when the actor is '
    'not an admin. The CHECKs of events refuse a row that is wrong in itself.';

-- create_event: an admin puts an event on sale.

CREATE FUNCTION create_event(
    p_title text,
    p_description text,
    p_venue text,
    p_date_time timestamptz,
    p_time_zone text,
    p_capacity integer,
    p_price numeric,
    p_max_tickets_per_booking integer,
    p_actor_id bigint
)
RETURNS bigint
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_event_id bigint;
BEGIN
    IF p_date_time <= now() THEN
        PERFORM raise_problem('TK015');
    END IF;
    INSERT INTO events (title, description, venue, date_time, time_zone, capacity, price, max_tickets_per_booking)
    VALUES (p_title, p_description, p_venue, p_date_time, p_time_zone, p_capacity, p_price, p_max_tickets_per_booking)
    RETURNING id INTO v_event_id;
    INSERT INTO activity (actor_id, action, event_id, detail)
    VALUES (p_actor_id, 'event-created', v_event_id, jsonb_build_object('title', p_title));
    RETURN v_event_id;
END;
$$;
COMMENT ON FUNCTION create_event(text, text, text, timestamptz, text, integer, numeric, integer, bigint) IS 'Creates an active event and returns its id. Raises TK015 when it would start in the past; what a row alone can break is refused by the CHECKs of events.';
REVOKE EXECUTE ON FUNCTION create_event(text, text, text, timestamptz, text, integer, numeric, integer, bigint) FROM PUBLIC;

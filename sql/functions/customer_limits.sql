-- The limit of a customer, events.max_tickets_per_customer. decide_booking_requests() filters
-- booking requests by it, and the triggers of bookings (sql/triggers/bookings.sql) keep it no matter
-- who writes.

CREATE FUNCTION tickets_owned(
    p_event_id bigint,
    p_user_id bigint
)
RETURNS integer
LANGUAGE sql
STABLE
BEGIN ATOMIC
    SELECT coalesce(sum(quantity), 0)::integer
    FROM bookings
    WHERE event_id = p_event_id
        AND user_id = p_user_id
        AND status = 'confirmed';
END;
COMMENT ON FUNCTION tickets_owned IS
    'How many tickets of an event a customer has: those of confirmed bookings, whoever booked '
    'them.';

CREATE FUNCTION refuse_beyond_customer_limit(
    p_user_id bigint,
    p_event_id bigint,
    p_limit integer,
    p_tickets bigint
)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'user % would have % tickets of event %: a customer may have %',
        p_user_id, p_tickets, p_event_id, p_limit
        USING ERRCODE = 'check_violation',
            CONSTRAINT = 'bookings_within_customer_limit',
            TABLE = 'bookings',
            HINT = 'The box office may exceed the limit: set beyond_customer_limit.';
END;
$$;
COMMENT ON FUNCTION refuse_beyond_customer_limit IS
    'For the triggers of bookings: refuses a booking that exceeds the limit of a customer.';

CREATE FUNCTION keep_customer_limit()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_limit integer;
    v_tickets bigint;
BEGIN
    SELECT max_tickets_per_customer
    INTO v_limit
    FROM events
    WHERE id = NEW.event_id
    FOR NO KEY UPDATE;
    IF v_limit IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT sum(quantity)
    INTO v_tickets
    FROM bookings
    WHERE event_id = NEW.event_id
        AND user_id = NEW.user_id
        AND status = 'confirmed'
        AND NOT beyond_customer_limit;
    IF v_tickets > v_limit THEN
        PERFORM refuse_beyond_customer_limit(NEW.user_id, NEW.event_id, v_limit, v_tickets);
    END IF;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION keep_customer_limit IS
    'Trigger: refuses a change of a booking with which a customer would have more tickets than the '
    'event allows, also in a repair.';

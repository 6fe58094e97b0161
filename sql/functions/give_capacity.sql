-- give_capacity() decides which pending requests of a batch get tickets, while book_tickets() holds
-- the locks of their events. It goes through the requests in their order in the batch. A request
-- for more tickets than are left, or than its customer may have, is refused, and a later request for
-- fewer tickets may still get them.

CREATE FUNCTION give_capacity(
    p_requests booking_request[],
    p_pending integer[]
)
RETURNS SETOF booking_decision
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_taken integer[] := array_fill(0, ARRAY[cardinality(p_requests)]);  -- by event_no
    v_bought integer[] := v_taken;  -- by customer_no
    v_booked booking_decision[];  -- by first_no: the request of this key that gets a booking
    v_decision booking_decision;
    v_same booking_decision;
    v_left integer;
    v_owned integer;  -- NULL: nothing limits the customer
BEGIN
    FOR v_decision IN SELECT * FROM decide_booking_requests(p_requests, p_pending) LOOP
        v_same := v_booked[v_decision.first_no];
        IF v_same.booking_id IS NOT NULL THEN
            -- An earlier request of this batch has the same key and gets a booking. It answers this
            -- request as well, unless the event or the quantity differs: then this one is refused.
            v_decision.booking_id := v_same.booking_id;
            v_decision.replayed := true;
            v_decision.error_code := NULL;
            v_decision.error_detail := NULL;
            IF ((v_decision.request).event_id, (v_decision.request).quantity)
                IS DISTINCT FROM ((v_same.request).event_id, (v_same.request).quantity)
            THEN
                v_decision.error_code := 'TK007';
                v_decision.error_detail := '{}';
            END IF;
        ELSIF NOT v_decision.replayed AND v_decision.error_code IS NULL THEN
            v_left := v_decision.available - v_taken[v_decision.event_no];
            v_owned := v_decision.owned + v_bought[v_decision.customer_no];
            IF v_owned + (v_decision.request).quantity > v_decision.customer_limit THEN
                v_decision.error_code := 'TK023';
                v_decision.error_detail := jsonb_build_object(
                    'limit', v_decision.customer_limit, 'owned', v_owned
                );
            ELSIF (v_decision.request).quantity > v_left THEN
                v_decision.error_code := 'TK001';
                v_decision.error_detail := jsonb_build_object('available', v_left);
            ELSE
                v_decision.booking_id := nextval('bookings_id_seq');
                v_taken[v_decision.event_no] :=
                    v_taken[v_decision.event_no] + (v_decision.request).quantity;
                v_bought[v_decision.customer_no] :=
                    v_bought[v_decision.customer_no] + (v_decision.request).quantity;
                v_booked[v_decision.first_no] := v_decision;
            END IF;
        END IF;
        RETURN NEXT v_decision;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION give_capacity IS
    'For book_tickets: decides in order which pending requests get tickets, and chooses the ids '
    'of their bookings. It writes nothing. Call it while their events and keys are locked. Returns '
    'one row for each pending request.';

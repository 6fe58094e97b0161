-- cancel_booking() cancels a booking once, and its tickets are on sale again. Calling it again
-- changes nothing. Triggers on bookings cancel the tickets, move the counters and write the log.
-- The reasons for a refusal are the parts of cancellable() (cancellable.sql): change both together.

CREATE FUNCTION cancel_booking(
    p_booking_id bigint,
    p_actor_id bigint
)
RETURNS booking_with_tickets
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '1s'
AS $$
DECLARE
    v_booking bookings;
    v_event events;
    v_reason text;
    v_answer booking_with_tickets;
BEGIN
    -- Lock order: event, booking, tickets.
    SELECT events.*
    INTO v_event
    FROM events
    WHERE id = (SELECT event_id FROM bookings WHERE id = p_booking_id)
    FOR NO KEY UPDATE;
    SELECT bookings.*
    INTO v_booking
    FROM bookings
    WHERE id = p_booking_id
        AND may_act_for(user_id, p_actor_id)
    FOR NO KEY UPDATE;
    IF v_booking.id IS NULL THEN
        PERFORM raise_problem('TK005');
    END IF;
    v_reason := CASE
        WHEN v_booking.status = 'cancelled' THEN NULL
        WHEN v_booking.tickets_checked_in > 0 THEN 'ticket-used'
        WHEN v_event.status <> 'active' THEN 'event-' || v_event.status
        WHEN v_event.date_time <= now() THEN 'event-started'
    END;
    IF v_reason IS NOT NULL THEN
        PERFORM raise_problem('TK006', jsonb_build_object('reason', v_reason));
    ELSIF v_booking.status = 'cancelled' THEN
        PERFORM wait_for_standby_at_commit();
    ELSE
        -- The event was over when its customer was erased, and was moved since.
        PERFORM require_user(v_booking.user_id);
        PERFORM act_as(p_actor_id);
        UPDATE bookings SET status = 'cancelled' WHERE id = p_booking_id;
        PERFORM act_as(NULL);
    END IF;
    SELECT * INTO v_answer FROM booking_with_tickets(p_booking_id);
    RETURN v_answer;
END;
$$;
COMMENT ON FUNCTION cancel_booking IS
    'Cancels a booking and its tickets, and returns the booking. A booking that is already '
    'cancelled stays as it is. Raises TK005 when the booking is unknown, or belongs to another '
    'user and the actor is not an admin; TK006 when a ticket was used, or the event has started, '
    'is completed or is cancelled; TK053 when its customer is erased.';

-- Takes 0047_plainer_booking_comments back.

COMMENT ON TYPE booking_decision IS
    'What book_tickets() has decided about a request. A request with neither booking_id nor '
    'error_code is not decided yet.';
COMMENT ON COLUMN booking_decision.error_code IS
    'Why the request is refused. A key that made another booking has a booking_id as well.';

CREATE OR REPLACE FUNCTION give_capacity(
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
    v_first booking_decision[];  -- by first_no: the first decision for a key that made a booking
    v_decision booking_decision;
    v_same booking_decision;
    v_left integer;
BEGIN
    FOR v_decision IN SELECT * FROM decide_booking_requests(p_requests, p_pending) LOOP
        v_same := v_first[v_decision.first_no];
        IF v_same.booking_id IS NOT NULL THEN
            -- A request of this batch with the same key has just made the booking.
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
            IF (v_decision.request).quantity > v_left THEN
                v_decision.error_code := 'TK001';
                v_decision.error_detail := jsonb_build_object('available', v_left);
            ELSE
                v_decision.booking_id := nextval('bookings_id_seq');
                v_taken[v_decision.event_no] :=
                    v_taken[v_decision.event_no] + (v_decision.request).quantity;
                v_first[v_decision.first_no] := v_decision;
            END IF;
        END IF;
        RETURN NEXT v_decision;
    END LOOP;
END;
$$;

COMMENT ON COLUMN booking_decision.replayed IS
    'The booking was made before, by a request with the same key.';
COMMENT ON FUNCTION give_capacity IS
    'For book_tickets: gives tickets to the pending requests, in order, and chooses the ids of '
    'their bookings. Call it while their events and keys are locked. Returns one row for each '
    'pending request.';
COMMENT ON COLUMN bookings.booking_date IS
    'When it was booked: the database''s clock under the event''s lock. A trigger sets it, '
    'whatever an INSERT says.';
COMMENT ON COLUMN bookings.idempotency_key IS
    'Chosen by the client and unique for the customer: a request with the same key returns this '
    'booking. NULL: booked without a key.';
COMMENT ON COLUMN bookings.cancelled_at IS
    'When it was cancelled: the database''s clock under the event''s lock; a trigger sets it. '
    'NULL: the booking is confirmed.';
COMMENT ON INDEX bookings_by_time IS
    'For a range of time in ledger_entries and booking_details. BRIN: rows lie in the order they '
    'were booked in, so that some kilobytes are enough.';
COMMENT ON TABLE events IS
    'What is on sale. Never deleted. Triggers keep the counters, the version and the history, no '
    'matter who writes.';
COMMENT ON COLUMN events.time_zone IS
    'IANA name of the venue''s time zone: where wall time and calendar days are counted.';
COMMENT ON FUNCTION cancel_booking_row IS
    'Trigger: stamps a booking that becomes cancelled with the time under its event''s lock, and '
    'refuses if one of its tickets was used.';
COMMENT ON TRIGGER bookings_cancel ON bookings IS
    'Sets cancelled_at. UPDATE bookings SET status = ''cancelled'' is all that it takes.';
COMMENT ON FUNCTION log_updated_bookings IS
    'Trigger: writes a line of the activity log for each booking that became cancelled.';

CREATE OR REPLACE FUNCTION complete_updated_bookings()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
-- PL/pgSQL keeps the plan of a session's first call, also for calls with very many or very few
-- rows. So every plan goes through the indexes.
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
BEGIN
    -- Lock even a single event first: an UPDATE that waits for a transaction which then changes
    -- nothing keeps the time that it took before it waited.
    PERFORM FROM events
    WHERE id IN (SELECT event_id FROM new_rows)
    ORDER BY id
    FOR NO KEY UPDATE;
    WITH counted AS (
        UPDATE events
        SET bookings_count = events.bookings_count + change.bookings,
            tickets_sold = events.tickets_sold + change.tickets,
            revenue = events.revenue + change.revenue,
            tickets_checked_in = events.tickets_checked_in + change.checked_in,
            counted_at = next_moment(events)
        FROM (
            SELECT
                event_id,
                sum(sign) AS bookings,
                sum(sign * quantity) AS tickets,
                sum(sign * total_amount) AS revenue,
                sum(sign * tickets_checked_in) AS checked_in
            FROM (
                SELECT 1 AS sign, event_id, quantity, total_amount, tickets_checked_in, status
                FROM new_rows
                UNION ALL
                SELECT -1, event_id, quantity, total_amount, tickets_checked_in, status
                FROM old_rows
            ) AS version
            WHERE status = 'confirmed'
            GROUP BY event_id
            -- An update that changes no figure leaves its event alone.
            HAVING (
                sum(sign), sum(sign * quantity), sum(sign * total_amount),
                sum(sign * tickets_checked_in)
            ) <> (0, 0, 0, 0)
        ) AS change
        WHERE events.id = change.event_id
        RETURNING events.*
    )
    INSERT INTO event_figures
    SELECT id, counted_at, bookings_count, tickets_sold, revenue, tickets_checked_in
    FROM counted;

    -- The tickets follow their booking. Used ones stay used: they did admit somebody.
    IF EXISTS (SELECT FROM new_rows WHERE status = 'cancelled') THEN
        UPDATE tickets
        SET status = 'cancelled'
        FROM new_rows
        WHERE tickets.booking_id = new_rows.id
            AND new_rows.status = 'cancelled'
            AND tickets.status = 'active';
    END IF;
    RETURN NULL;
END;
$$;

COMMENT ON COLUMN booking_decision.first_no IS
    'The first pending request of the same customer with the same key, or this request.';
COMMENT ON COLUMN booking_decision.event_no IS '1, 2, ... for the events of the batch.';

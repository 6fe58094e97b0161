-- The comments of the booking functions in plainer words. No behaviour changes.
-- depends: 0046_drafts_and_copies

COMMENT ON TYPE booking_decision IS
    'What book_tickets() has decided about a request so far: it is answered by a booking '
    '(booking_id), refused (error_code), or still waits for capacity (both are NULL).';
COMMENT ON COLUMN booking_decision.error_code IS
    'Why the request is refused. If its key belongs to a booking of another event or quantity '
    '(TK007), booking_id names that booking.';

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
    v_booked booking_decision[];  -- by first_no: the request of this key that gets a booking
    v_decision booking_decision;
    v_same booking_decision;
    v_left integer;
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
            IF (v_decision.request).quantity > v_left THEN
                v_decision.error_code := 'TK001';
                v_decision.error_detail := jsonb_build_object('available', v_left);
            ELSE
                v_decision.booking_id := nextval('bookings_id_seq');
                v_taken[v_decision.event_no] :=
                    v_taken[v_decision.event_no] + (v_decision.request).quantity;
                v_booked[v_decision.first_no] := v_decision;
            END IF;
        END IF;
        RETURN NEXT v_decision;
    END LOOP;
END;
$$;

COMMENT ON COLUMN booking_decision.replayed IS
    'A booking with the same key exists already, or an earlier request of the batch makes it. Also '
    'true when that booking is of another event or quantity (TK007).';
COMMENT ON FUNCTION give_capacity IS
    'For book_tickets: decides in order which pending requests get tickets, and chooses the ids '
    'of their bookings. It writes nothing. Call it while their events and keys are locked. Returns '
    'one row for each pending request.';
COMMENT ON COLUMN bookings.booking_date IS
    'When it was booked: the database''s clock, read while the event was locked. A trigger '
    'replaces any other time that an INSERT gives, except in a repair.';
COMMENT ON COLUMN bookings.idempotency_key IS
    'Chosen by the client, and unique for each customer. Repeating the request with this key '
    'returns this booking; a request for another event or quantity with it is refused (TK007). '
    'NULL: booked without a key.';
COMMENT ON COLUMN bookings.cancelled_at IS
    'When it was cancelled: the database''s clock, read while the event was locked. A trigger '
    'sets it. NULL: the booking is confirmed.';
COMMENT ON INDEX bookings_by_time IS
    'For a range of time in ledger_entries and booking_details. BRIN: the rows are stored in the '
    'order in which they were booked, so an index of a few kilobytes is enough.';
COMMENT ON TABLE events IS
    'All events: drafts, those on sale, and past ones. Never deleted. Triggers keep the counters, '
    'the version and the history, no matter who writes.';
COMMENT ON COLUMN events.time_zone IS
    'IANA name of the venue''s time zone, for its local times and calendar days.';
COMMENT ON FUNCTION cancel_booking_row IS
    'Trigger: sets cancelled_at to a time that is read while the event is locked. Refuses if a '
    'ticket of the booking was used, except in a repair.';
COMMENT ON TRIGGER bookings_cancel ON bookings IS
    'Sets cancelled_at. To cancel a booking by hand, UPDATE bookings SET status = ''cancelled'' is '
    'enough.';
COMMENT ON FUNCTION log_updated_bookings IS
    'Trigger: writes a line of the activity log for each booking that was cancelled without its '
    'event. Cancelling an event writes one line for the event, and a repair writes none.';

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
    -- Lock the events first, even a single one. An UPDATE calls next_moment() before it waits for a
    -- row, and not again if the transaction it waited for changed nothing: counted_at would then be
    -- a time from before the wait.
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
    'The first pending request of the same customer with the same key. Without a key: this '
    'request.';
COMMENT ON COLUMN booking_decision.event_no IS
    'The number of its event among the events of the pending requests: 1, 2, ...';

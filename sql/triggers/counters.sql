-- When a booking is written, triggers move the counters of its event, write or cancel its tickets,
-- and record the new counters in the history. When a ticket is used, triggers count it. This
-- happens no matter who writes: a manual INSERT counts as well, and events_never_oversold refuses
-- it when it exceeds the capacity.
--
-- The triggers are statement-level with transition tables: a statement that writes a thousand
-- bookings updates each event once. Before they update several events they lock them in id order:
-- UPDATE alone promises no order, and two statements could deadlock.
--
-- The counted_at of an event, and the updated_at of its versions, always increase: next_moment()
-- reads the clock under the event's lock, and returns a later time than the one before even if the
-- clock was set back. So event_as_of() has one answer for each time.
--
-- Nothing is counted when a row is deleted or a used ticket is inserted: both are possible in an
-- announced repair only, which ends with recount_event().

CREATE FUNCTION complete_inserted_bookings()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_cancelled_event_id bigint;
BEGIN
    IF (SELECT count(DISTINCT event_id) FROM new_rows) > 1 THEN
        PERFORM FROM events
        WHERE id IN (SELECT event_id FROM new_rows WHERE status = 'confirmed')
        ORDER BY id
        FOR NO KEY UPDATE;
    END IF;
    WITH counted AS (
        UPDATE events
        SET bookings_count = events.bookings_count + change.bookings,
            tickets_sold = events.tickets_sold + change.tickets,
            revenue = events.revenue + change.revenue,
            counted_at = next_moment(events)
        FROM (
            SELECT
                event_id,
                count(*) AS bookings,
                sum(quantity) AS tickets,
                sum(total_amount) AS revenue
            FROM new_rows
            WHERE status = 'confirmed'
            GROUP BY event_id
        ) AS change
        WHERE events.id = change.event_id
        RETURNING events.*
    ),
    recorded AS (
        INSERT INTO event_figures
        SELECT id, counted_at, bookings_count, tickets_sold, revenue, tickets_checked_in
        FROM counted
    )
    SELECT min(id) INTO v_cancelled_event_id FROM counted WHERE status = 'cancelled';
    IF v_cancelled_event_id IS NOT NULL THEN
        RAISE EXCEPTION 'event % is cancelled: it cannot be booked', v_cancelled_event_id
            USING ERRCODE = 'restrict_violation';
    END IF;

    INSERT INTO tickets (booking_id, ticket_code, status)
    SELECT
        id,
        new_ticket_code(event_id),
        CASE status WHEN 'confirmed' THEN 'active'::ticket_status ELSE 'cancelled' END
    FROM new_rows, generate_series(1, quantity);
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION complete_inserted_bookings IS
    'Trigger: adds new confirmed bookings to the counters and the history of their events, and '
    'writes the tickets of all new bookings. Refuses bookings of a cancelled event.';

CREATE FUNCTION complete_updated_bookings()
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
COMMENT ON FUNCTION complete_updated_bookings IS
    'Trigger: what changed about confirmed bookings goes into the counters and the history of '
    'their events; the unused tickets of cancelled bookings become cancelled.';

CREATE TRIGGER bookings_complete_inserted
AFTER INSERT ON bookings
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION complete_inserted_bookings();
COMMENT ON TRIGGER bookings_complete_inserted ON bookings IS
    'Keeps the counters and the history of events, and writes tickets.';

CREATE TRIGGER bookings_complete_updated
AFTER UPDATE ON bookings
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION complete_updated_bookings();
COMMENT ON TRIGGER bookings_complete_updated ON bookings IS
    'Keeps the counters and the history of events, and cancels tickets.';

-- Used tickets count on their booking, and from there, by the trigger above, on the event: so
-- cancelling an event takes the used tickets of its bookings out of its counter as well.
CREATE FUNCTION count_updated_tickets()
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
DECLARE
    v_cancelled_booking_id bigint;
BEGIN
    -- The usual case when a booking is cancelled: no ticket was or is used.
    IF NOT EXISTS (
        SELECT FROM new_rows WHERE status = 'used'
        UNION ALL
        SELECT FROM old_rows WHERE status = 'used'
    ) THEN
        RETURN NULL;
    END IF;
    PERFORM FROM bookings
    WHERE id IN (SELECT booking_id FROM new_rows)
    ORDER BY id
    FOR NO KEY UPDATE;
    WITH counted AS (
        UPDATE bookings
        SET tickets_checked_in = bookings.tickets_checked_in + change.checked_in
        FROM (
            SELECT booking_id, sum(sign) AS checked_in
            FROM (
                SELECT 1 AS sign, booking_id, status FROM new_rows
                UNION ALL
                SELECT -1, booking_id, status FROM old_rows
            ) AS version
            WHERE status = 'used'
            GROUP BY booking_id
            HAVING sum(sign) <> 0
        ) AS change
        WHERE bookings.id = change.booking_id
        RETURNING bookings.id, bookings.status, change.checked_in
    )
    SELECT min(id) INTO v_cancelled_booking_id
    FROM counted
    WHERE status = 'cancelled'
        AND checked_in > 0;
    -- admit_ticket_row() sees a booking as it is before the statement. A statement that admits by a
    -- ticket and cancels its booking as well is noticed here, after it.
    IF v_cancelled_booking_id IS NOT NULL AND NOT repair_begun() THEN
        RAISE EXCEPTION 'a ticket of a cancelled booking admits nobody: booking %',
            v_cancelled_booking_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION count_updated_tickets IS
    'Trigger: tickets that became used, or are so no longer, go into the counter of their '
    'bookings. Refuses tickets that became used in the statement that cancelled their booking.';

CREATE TRIGGER tickets_count_updated
AFTER UPDATE ON tickets
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_updated_tickets();
COMMENT ON TRIGGER tickets_count_updated ON tickets IS 'Keeps the counter of bookings.';

-- What the owner needs to repair the ledger: announcing it, and counting again.
--
--     BEGIN;
--     SELECT begin_repair('Court order 12/2031: erase booking 4711');
--     DELETE FROM bookings WHERE id = 4711;
--     SELECT recount_event(17);
--     COMMIT;
--
-- During a repair the triggers that keep counters, tickets and history work as always. Those that
-- set times and write the activity log leave both to the person who repairs.

CREATE FUNCTION begin_repair(p_reason text)
RETURNS repairs
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_repair repairs;
BEGIN
    INSERT INTO repairs (reason) VALUES (p_reason) RETURNING * INTO v_repair;
    PERFORM set_config('marquee.repair', 'begun', true);
    RETURN v_repair;
END;
$$;
COMMENT ON FUNCTION begin_repair IS
    'Lets the rest of this transaction rewrite the ledger, and logs that in repairs with the '
    'reason. For the owner of the database only.';

CREATE FUNCTION end_repair()
RETURNS void
LANGUAGE sql
VOLATILE
BEGIN ATOMIC
    SELECT set_config('marquee.repair', '', true);
END;
COMMENT ON FUNCTION end_repair IS
    'Puts the guards back before the transaction ends. The end of the transaction puts them back '
    'in any case.';

CREATE FUNCTION repair_begun()
RETURNS boolean
LANGUAGE plpgsql
STABLE
SET search_path = public, pg_temp
AS $$
BEGIN
    -- The setting spares every other transaction the look-up. It proves nothing: anyone can set it.
    IF current_setting('marquee.repair', true) IS DISTINCT FROM 'begun' THEN
        RETURN false;
    END IF;
    -- A restored row may hold a transaction id that this cluster gives out again: hence the time.
    RETURN EXISTS (
        SELECT
        FROM repairs
        WHERE transaction_id = pg_current_xact_id_if_assigned()
            AND at >= transaction_timestamp()
    );
END;
$$;
COMMENT ON FUNCTION repair_begun IS
    'True when begin_repair() was called in this transaction: the guards of the ledger then let a '
    'change through.';

CREATE FUNCTION recount_event(p_event_id bigint)
RETURNS events
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_repairing constant boolean := repair_begun();
    v_event events;
BEGIN
    IF NOT v_repairing THEN
        PERFORM begin_repair(format('recount_event(%s)', p_event_id));
    END IF;
    -- Lock order: event, bookings, tickets.
    PERFORM FROM events WHERE id = p_event_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM raise_problem('TK002');
    END IF;
    PERFORM FROM bookings WHERE event_id = p_event_id ORDER BY id FOR NO KEY UPDATE;
    -- First make the event agree with its bookings as they are now. The UPDATE of the bookings
    -- below then fires the trigger that adds its changes to the event.
    WITH counted AS (
        UPDATE events
        SET bookings_count = truth.bookings_count,
            tickets_sold = truth.tickets_sold,
            revenue = truth.revenue,
            tickets_checked_in = truth.tickets_checked_in,
            counted_at = next_moment(events)
        FROM (
            SELECT
                count(*) AS bookings_count,
                coalesce(sum(quantity), 0) AS tickets_sold,
                coalesce(sum(total_amount), 0) AS revenue,
                coalesce(sum(tickets_checked_in), 0) AS tickets_checked_in
            FROM bookings
            WHERE event_id = p_event_id
                AND status = 'confirmed'
        ) AS truth
        WHERE events.id = p_event_id
        RETURNING events.*
    )
    INSERT INTO event_figures
    SELECT id, counted_at, bookings_count, tickets_sold, revenue, tickets_checked_in
    FROM counted;
    UPDATE bookings
    SET tickets_checked_in = truth.used
    FROM (
        SELECT bookings.id, count(*) FILTER (WHERE tickets.status = 'used') AS used
        FROM bookings
        LEFT JOIN tickets ON tickets.booking_id = bookings.id
        WHERE bookings.event_id = p_event_id
        GROUP BY bookings.id
    ) AS truth
    WHERE bookings.id = truth.id
        AND bookings.tickets_checked_in <> truth.used;
    SELECT events.* INTO v_event FROM events WHERE id = p_event_id;
    IF NOT v_repairing THEN
        PERFORM end_repair();
    END IF;
    RETURN v_event;
END;
$$;
COMMENT ON FUNCTION recount_event IS
    'Counts an event and its bookings again from their tickets, and returns the event. For the '
    'owner of the database, after a repair or when integrity_violations names a counter. Raises '
    'TK002 when there is no such event.';

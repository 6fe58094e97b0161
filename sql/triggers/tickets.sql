-- The triggers of tickets. They hold no matter who writes. They set the time at which a ticket
-- admits somebody (triggers/bookings.sql says why), count it on its booking, write the activity
-- log, and refuse to rewrite or delete a ticket.

-- Times -------------------------------------------------------------------------------------------

CREATE FUNCTION admit_ticket_row()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_booking_status booking_status;
BEGIN
    -- While the booking is locked, nobody can cancel it. Nobody can cancel its event either: that
    -- would cancel the booking, and has to wait for the lock.
    SELECT status INTO v_booking_status FROM bookings WHERE id = NEW.booking_id FOR NO KEY UPDATE;
    IF v_booking_status = 'cancelled' THEN
        RAISE EXCEPTION 'a ticket of a cancelled booking admits nobody'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.used_at IS NULL OR NOT repair_begun() THEN
        NEW.used_at := clock_timestamp();
    END IF;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION admit_ticket_row IS
    'Trigger: stamps a ticket that becomes used with the time under its booking''s lock, and '
    'refuses if the booking is cancelled.';

CREATE TRIGGER tickets_admit
BEFORE UPDATE OF status ON tickets
FOR EACH ROW
WHEN (OLD.status = 'active' AND NEW.status = 'used')
EXECUTE FUNCTION admit_ticket_row();
COMMENT ON TRIGGER tickets_admit ON tickets IS
    'Sets used_at. UPDATE tickets SET status = ''used'' is all that it takes.';

-- Counters ----------------------------------------------------------------------------------------

-- Used tickets count on their booking, and the trigger bookings_complete_updated counts them on the
-- event: so cancelling an event takes the used tickets of its bookings out of its counter as well.
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

-- Log ---------------------------------------------------------------------------------------------

CREATE FUNCTION log_updated_tickets()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM new_rows WHERE status = 'used') OR repair_begun() THEN
        RETURN NULL;
    END IF;
    INSERT INTO activity (actor_id, action, event_id, booking_id, ticket_id, user_id, detail)
    SELECT
        acting_user_id(),
        'ticket-admitted',
        bookings.event_id,
        new_rows.booking_id,
        new_rows.id,
        bookings.user_id,
        acting_login()
    FROM new_rows
    JOIN old_rows ON old_rows.id = new_rows.id
    JOIN bookings ON bookings.id = new_rows.booking_id
    WHERE new_rows.status = 'used'
        AND old_rows.status = 'active'
    ORDER BY new_rows.id;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION log_updated_tickets IS
    'Trigger: writes a line of the activity log for each ticket that admitted somebody.';

CREATE TRIGGER tickets_log_updated
AFTER UPDATE ON tickets
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION log_updated_tickets();
COMMENT ON TRIGGER tickets_log_updated ON tickets IS 'Writes the activity log.';

-- Guards ------------------------------------------------------------------------------------------

CREATE TRIGGER tickets_come_with_their_booking
BEFORE INSERT ON tickets
FOR EACH STATEMENT
WHEN (pg_trigger_depth() = 0)
EXECUTE FUNCTION refuse_change_unless_repairing(
    'tickets are written with their booking: insert a booking'
);
COMMENT ON TRIGGER tickets_come_with_their_booking ON tickets IS
    'A booking has as many tickets as its quantity says.';

CREATE TRIGGER tickets_never_change_hands
BEFORE UPDATE OF id, booking_id, ticket_code ON tickets
FOR EACH ROW
WHEN (
    (NEW.id, NEW.booking_id, NEW.ticket_code)
    IS DISTINCT FROM (OLD.id, OLD.booking_id, OLD.ticket_code)
)
EXECUTE FUNCTION refuse_change_unless_repairing(
    'a ticket keeps its id, its booking and its code'
);
COMMENT ON TRIGGER tickets_never_change_hands ON tickets IS
    'The code that a customer holds stays theirs.';

CREATE TRIGGER tickets_ended_is_final
BEFORE UPDATE OF status, used_at ON tickets
FOR EACH ROW
WHEN (
    OLD.status <> 'active'
    AND (NEW.status, NEW.used_at) IS DISTINCT FROM (OLD.status, OLD.used_at)
)
EXECUTE FUNCTION refuse_change_unless_repairing('a used or cancelled ticket stays so');
COMMENT ON TRIGGER tickets_ended_is_final ON tickets IS 'used and cancelled are final.';

CREATE TRIGGER tickets_are_cancelled_with_their_booking
BEFORE UPDATE OF status ON tickets
FOR EACH ROW
WHEN (NEW.status = 'cancelled' AND OLD.status = 'active' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION refuse_change_unless_repairing(
    'tickets are cancelled with their booking: cancel the booking'
);
COMMENT ON TRIGGER tickets_are_cancelled_with_their_booking ON tickets IS
    'A confirmed booking holds no cancelled ticket.';

CREATE TRIGGER tickets_are_never_deleted
BEFORE DELETE ON tickets
FOR EACH STATEMENT
EXECUTE FUNCTION refuse_change_unless_repairing(
    'tickets are the ledger: cancel their booking'
);
COMMENT ON TRIGGER tickets_are_never_deleted ON tickets IS 'A ticket never leaves the ledger.';

CREATE TRIGGER tickets_are_never_truncated
BEFORE TRUNCATE ON tickets
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('tickets are the ledger: never truncated');
COMMENT ON TRIGGER tickets_are_never_truncated ON tickets IS
    'TRUNCATE calls none of the triggers that keep the counters.';

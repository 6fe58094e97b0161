-- The triggers of bookings. They hold no matter who writes: a manual INSERT counts as well, and
-- events_never_oversold refuses it when it exceeds the capacity. They set the times of a booking,
-- keep the counters of its event, write and cancel its tickets, write the activity log, and refuse
-- to rewrite or delete a sale.

-- Times -------------------------------------------------------------------------------------------
--
-- The times come from the database's clock, and are taken while the event is locked. The time at
-- which the transaction began would be too early, because the transaction may have waited for the
-- lock since then: a ticket that is cancelled at 10:03:02 would seem to be sold again at 10:03:01.
-- A time that a statement gives is overwritten, except in an announced repair.

CREATE FUNCTION begin_booking()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_erased_at timestamptz;
BEGIN
    PERFORM FROM events WHERE id = NEW.event_id FOR NO KEY UPDATE;
    -- The lock that the foreign key takes later. With it, erase_user() waits for this booking.
    SELECT erased_at INTO v_erased_at FROM users WHERE id = NEW.user_id FOR KEY SHARE;
    IF repair_begun() THEN
        IF NEW.booking_date IS NOT NULL THEN
            RETURN NEW;
        END IF;
    ELSIF NEW.status <> 'confirmed' OR NEW.tickets_checked_in <> 0 THEN
        RAISE EXCEPTION 'a booking begins confirmed, with no ticket used'
            USING ERRCODE = 'restrict_violation';
    ELSIF v_erased_at IS NOT NULL THEN
        RAISE EXCEPTION 'user % is erased: nothing is booked for them', NEW.user_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.booking_date := clock_timestamp();
    NEW.written_in := pg_current_xact_id();
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION begin_booking IS
    'Trigger: sets the time of a new booking, read while its event is locked, and its '
    'transaction. Refuses a booking that is not confirmed, has used tickets, or is for a user who '
    'is erased. In a repair, the INSERT may set all of these.';

-- book_tickets() reads the clock once for a batch, after it has taken the locks, and puts the time
-- into a setting; the trigger is skipped for rows with that time. Because of the other conditions
-- nobody can use the setting to choose an earlier time, or to insert a booking that is not new.
CREATE TRIGGER bookings_begin
BEFORE INSERT ON bookings
FOR EACH ROW
WHEN (
    NEW.booking_date IS NULL
    OR NEW.booking_date::text IS DISTINCT FROM current_setting('marquee.booking_date', true)
    OR NEW.booking_date <= transaction_timestamp()
    OR NEW.booking_date > clock_timestamp()
    OR NEW.status <> 'confirmed'
    OR NEW.tickets_checked_in <> 0
    OR NEW.written_in <> pg_current_xact_id()
)
EXECUTE FUNCTION begin_booking();
COMMENT ON TRIGGER bookings_begin ON bookings IS
    'A new booking is confirmed, has the present time, and no ticket of it is used.';

CREATE FUNCTION cancel_booking_row()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    IF repair_begun() THEN
        NEW.cancelled_at := coalesce(NEW.cancelled_at, clock_timestamp());
        RETURN NEW;
    END IF;
    PERFORM FROM events WHERE id = NEW.event_id FOR NO KEY UPDATE;
    IF NEW.tickets_checked_in > 0 THEN
        RAISE EXCEPTION 'a booking of which a ticket was used cannot be cancelled'
            USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.cancelled_at := greatest(clock_timestamp(), NEW.booking_date);
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION cancel_booking_row IS
    'Trigger: sets cancelled_at to a time that is read while the event is locked. Refuses if a '
    'ticket of the booking was used, except in a repair.';

-- Does not fire for statements of triggers (depth above 0). cancel_bookings_of_event() runs in one:
-- it also cancels bookings of which a ticket was used, and sets cancelled_at itself.
CREATE TRIGGER bookings_cancel
BEFORE UPDATE OF status ON bookings
FOR EACH ROW
WHEN (OLD.status = 'confirmed' AND NEW.status = 'cancelled' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION cancel_booking_row();
COMMENT ON TRIGGER bookings_cancel ON bookings IS
    'Sets cancelled_at. To cancel a booking by hand, UPDATE bookings SET status = ''cancelled'' is '
    'enough.';

-- Counters and tickets ----------------------------------------------------------------------------
--
-- These triggers are statement-level with transition tables: a statement that writes a thousand
-- bookings updates each event once. Before they update several events they lock them in id order:
-- UPDATE alone promises no order, and two statements could deadlock.
--
-- events.counted_at and event_versions.at always increase for an event: next_moment() reads the
-- clock while the event is locked, and returns a later time than the last one even if the clock was
-- set back. So event_as_of() has one answer for each time.
--
-- Nothing is counted when a row is deleted or a used ticket is inserted: both are possible only in
-- a repair, at whose end recount_event() must be called.

CREATE FUNCTION complete_inserted_bookings()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_refused record;
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
    SELECT
        min(id) FILTER (WHERE status IN ('draft', 'cancelled')) AS id,
        (array_agg(status ORDER BY id) FILTER (WHERE status IN ('draft', 'cancelled')))[1]
            AS status,
        array_agg(id) FILTER (WHERE max_tickets_per_customer IS NOT NULL) AS limited
    INTO v_refused
    FROM counted;
    IF v_refused.id IS NOT NULL THEN
        RAISE EXCEPTION 'event % is %: it cannot be booked',
            v_refused.id,
            CASE v_refused.status WHEN 'draft' THEN 'a draft' ELSE 'cancelled' END
            USING ERRCODE = 'restrict_violation';
    END IF;

    -- The events are locked, so what is read from here on is final. Of the bookings that this
    -- statement inserts, each counts with those before it.
    IF v_refused.limited IS NOT NULL THEN
        SELECT written.*, events.max_tickets_per_customer, owned.tickets - written.later AS tickets
        INTO v_refused
        FROM (
            SELECT
                id,
                event_id,
                user_id,
                beyond_customer_limit,
                coalesce(
                    sum(quantity) OVER (
                        PARTITION BY event_id, user_id
                        ORDER BY id
                        ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
                    ),
                    0
                ) AS later
            FROM new_rows
            WHERE status = 'confirmed'
                AND event_id = ANY (v_refused.limited)
        ) AS written
        JOIN events ON events.id = written.event_id
        CROSS JOIN LATERAL (
            SELECT sum(quantity) AS tickets
            FROM bookings
            WHERE bookings.event_id = written.event_id
                AND bookings.user_id = written.user_id
                AND bookings.status = 'confirmed'
        ) AS owned
        WHERE NOT written.beyond_customer_limit
            AND owned.tickets - written.later > events.max_tickets_per_customer
        ORDER BY written.id
        LIMIT 1;
        IF FOUND THEN
            PERFORM refuse_beyond_customer_limit(
                v_refused.user_id,
                v_refused.event_id,
                v_refused.max_tickets_per_customer,
                v_refused.tickets
            );
        END IF;
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
    'writes the tickets of all new bookings. Refuses bookings of a draft or a cancelled event, and '
    'bookings with which a customer would have more tickets than the event allows.';

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

-- Limit of a customer -----------------------------------------------------------------------------
--
-- New bookings are checked by complete_inserted_bookings(), after it has locked their events. It is
-- not a trigger of its own: that would be one more statement for each batch of an event that has no
-- limit. This trigger is for changes that only a repair can make.

CREATE TRIGGER bookings_within_customer_limit
AFTER UPDATE OF user_id, event_id, quantity, status, beyond_customer_limit ON bookings
FOR EACH ROW
WHEN (
    NEW.status = 'confirmed'
    AND NOT NEW.beyond_customer_limit
    AND (
        (NEW.user_id, NEW.event_id) IS DISTINCT FROM (OLD.user_id, OLD.event_id)
        OR NEW.quantity > OLD.quantity
        OR OLD.status <> 'confirmed'
        OR OLD.beyond_customer_limit
    )
)
EXECUTE FUNCTION keep_customer_limit();
COMMENT ON TRIGGER bookings_within_customer_limit ON bookings IS
    'A repair does not give a customer more tickets than the event allows, unless the booking says '
    'that it may.';

-- Log ---------------------------------------------------------------------------------------------

CREATE FUNCTION log_updated_bookings()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM new_rows WHERE status = 'cancelled') OR repair_begun() THEN
        RETURN NULL;
    END IF;
    -- Bookings that are cancelled with their event share one line: the event's.
    INSERT INTO activity (actor_id, action, event_id, booking_id, user_id, detail)
    SELECT
        acting_user_id(),
        'booking-cancelled',
        new_rows.event_id,
        new_rows.id,
        new_rows.user_id,
        jsonb_build_object(
            'quantity', new_rows.quantity, 'total_amount', new_rows.total_amount::text
        ) || acting_login()
    FROM new_rows
    JOIN old_rows ON old_rows.id = new_rows.id
    JOIN events ON events.id = new_rows.event_id
    WHERE new_rows.status = 'cancelled'
        AND old_rows.status = 'confirmed'
        AND events.status <> 'cancelled'
    ORDER BY new_rows.id;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION log_updated_bookings IS
    'Trigger: writes a line of the activity log for each booking that was cancelled without its '
    'event. Cancelling an event writes one line for the event, and a repair writes none.';

CREATE TRIGGER bookings_log_updated
AFTER UPDATE ON bookings
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION log_updated_bookings();
COMMENT ON TRIGGER bookings_log_updated ON bookings IS 'Writes the activity log.';

-- Guards ------------------------------------------------------------------------------------------

CREATE TRIGGER bookings_counter_is_kept_by_triggers
BEFORE UPDATE OF tickets_checked_in ON bookings
FOR EACH STATEMENT
WHEN (pg_trigger_depth() = 0)
EXECUTE FUNCTION refuse_change_unless_repairing(
    'bookings.tickets_checked_in is kept by triggers: recount_event() corrects it'
);
COMMENT ON TRIGGER bookings_counter_is_kept_by_triggers ON bookings IS
    'Nobody writes a counter by hand.';

CREATE TRIGGER bookings_sale_is_never_rewritten
BEFORE UPDATE OF
    id, user_id, event_id, quantity, unit_price, total_amount, booking_date, booked_by,
    idempotency_key, written_in, beyond_customer_limit
ON bookings
FOR EACH ROW
WHEN (
    (
        NEW.id, NEW.user_id, NEW.event_id, NEW.quantity, NEW.unit_price, NEW.total_amount,
        NEW.booking_date, NEW.booked_by, NEW.idempotency_key, NEW.written_in,
        NEW.beyond_customer_limit
    ) IS DISTINCT FROM (
        OLD.id, OLD.user_id, OLD.event_id, OLD.quantity, OLD.unit_price, OLD.total_amount,
        OLD.booking_date, OLD.booked_by, OLD.idempotency_key, OLD.written_in,
        OLD.beyond_customer_limit
    )
)
EXECUTE FUNCTION refuse_change_unless_repairing(
    'a sale is never rewritten: cancel the booking and book again'
);
COMMENT ON TRIGGER bookings_sale_is_never_rewritten ON bookings IS
    'Of a booking, only status, cancelled_at and the counter may change.';

CREATE TRIGGER bookings_cancelled_is_final
BEFORE UPDATE OF status, cancelled_at ON bookings
FOR EACH ROW
WHEN (
    OLD.status = 'cancelled'
    AND (NEW.status, NEW.cancelled_at) IS DISTINCT FROM (OLD.status, OLD.cancelled_at)
)
EXECUTE FUNCTION refuse_change_unless_repairing('a cancelled booking stays cancelled');
COMMENT ON TRIGGER bookings_cancelled_is_final ON bookings IS 'cancelled is final.';

CREATE TRIGGER bookings_are_never_deleted
BEFORE DELETE ON bookings
FOR EACH STATEMENT
EXECUTE FUNCTION refuse_change_unless_repairing('bookings are the ledger: cancel them');
COMMENT ON TRIGGER bookings_are_never_deleted ON bookings IS 'A sale never leaves the ledger.';

CREATE TRIGGER bookings_are_never_truncated
BEFORE TRUNCATE ON bookings
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('bookings are the ledger: never truncated');
COMMENT ON TRIGGER bookings_are_never_truncated ON bookings IS
    'TRUNCATE calls none of the triggers that keep the counters.';

-- The counters on events and bookings, kept by statement-level triggers with transition tables:
-- a statement that writes a thousand bookings updates each event once. Because triggers keep
-- them, a row inserted by hand counts too, and beyond capacity events_never_oversold refuses it.
-- Each trigger first locks the rows it is going to update, in id order: UPDATE alone promises
-- no order, and two statements could deadlock.

CREATE FUNCTION count_inserted_bookings()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
AS $$
BEGIN
    PERFORM FROM events WHERE id IN (SELECT event_id FROM new_rows WHERE status = 'confirmed') ORDER BY id FOR NO KEY UPDATE;
    UPDATE events
    SET bookings_count = bookings_count + change.bookings,
        tickets_sold = tickets_sold + change.tickets,
        revenue = events.revenue + change.revenue,
        tickets_checked_in = tickets_checked_in + change.checked_in
    FROM (
        SELECT
            event_id,
            count(*) AS bookings,
            sum(quantity) AS tickets,
            sum(total_amount) AS revenue,
            sum(tickets_checked_in) AS checked_in
        FROM new_rows
        WHERE status = 'confirmed'
        GROUP BY event_id
    ) AS change
    WHERE events.id = change.event_id;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION count_inserted_bookings() IS 'Trigger: adds new confirmed bookings to their events'' counters.';
REVOKE EXECUTE ON FUNCTION count_inserted_bookings() FROM PUBLIC;

CREATE FUNCTION count_updated_bookings()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
AS $$
BEGIN
    PERFORM FROM events WHERE id IN (SELECT event_id FROM new_rows) ORDER BY id FOR NO KEY UPDATE;
    UPDATE events
    SET bookings_count = bookings_count + change.bookings,
        tickets_sold = tickets_sold + change.tickets,
        revenue = events.revenue + change.revenue,
        tickets_checked_in = tickets_checked_in + change.checked_in
    FROM (
        SELECT
            event_id,
            sum(sign) AS bookings,
            sum(sign * quantity) AS tickets,
            sum(sign * total_amount) AS revenue,
            sum(sign * tickets_checked_in) AS checked_in
        FROM (
            SELECT 1 AS sign, event_id, quantity, total_amount, tickets_checked_in, status FROM new_rows
            UNION ALL
            SELECT -1, event_id, quantity, total_amount, tickets_checked_in, status FROM old_rows
        ) AS version
        WHERE status = 'confirmed'
        GROUP BY event_id
    ) AS change
    WHERE events.id = change.event_id;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION count_updated_bookings() IS 'Trigger: what changed about confirmed bookings goes into their events'' counters.';
REVOKE EXECUTE ON FUNCTION count_updated_bookings() FROM PUBLIC;

CREATE FUNCTION count_deleted_bookings()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
AS $$
BEGIN
    PERFORM FROM events WHERE id IN (SELECT event_id FROM old_rows WHERE status = 'confirmed') ORDER BY id FOR NO KEY UPDATE;
    UPDATE events
    SET bookings_count = bookings_count + change.bookings,
        tickets_sold = tickets_sold + change.tickets,
        revenue = events.revenue + change.revenue,
        tickets_checked_in = tickets_checked_in + change.checked_in
    FROM (
        SELECT
            event_id,
            -count(*) AS bookings,
            -sum(quantity) AS tickets,
            -sum(total_amount) AS revenue,
            -sum(tickets_checked_in) AS checked_in
        FROM old_rows
        WHERE status = 'confirmed'
        GROUP BY event_id
    ) AS change
    WHERE events.id = change.event_id;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION count_deleted_bookings() IS 'Trigger: takes deleted confirmed bookings out of their events'' counters.';
REVOKE EXECUTE ON FUNCTION count_deleted_bookings() FROM PUBLIC;

CREATE TRIGGER bookings_count_inserted
AFTER INSERT ON bookings
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_inserted_bookings();
COMMENT ON TRIGGER bookings_count_inserted ON bookings IS 'Keeps the counters of events.';

CREATE TRIGGER bookings_count_updated
AFTER UPDATE ON bookings
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_updated_bookings();
COMMENT ON TRIGGER bookings_count_updated ON bookings IS 'Keeps the counters of events.';

CREATE TRIGGER bookings_count_deleted
AFTER DELETE ON bookings
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_deleted_bookings();
COMMENT ON TRIGGER bookings_count_deleted ON bookings IS 'Keeps the counters of events.';

-- Used tickets count on their booking, and from there, by the triggers above, on the event: so
-- cancelling or deleting a booking takes its used tickets out of the event's counter as well.
CREATE FUNCTION count_inserted_tickets()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
AS $$
BEGIN
    -- The usual case: no booking is touched.
    IF NOT EXISTS (SELECT FROM new_rows WHERE status = 'used') THEN
        RETURN NULL;
    END IF;
    PERFORM FROM bookings WHERE id IN (SELECT booking_id FROM new_rows WHERE status = 'used') ORDER BY id FOR NO KEY UPDATE;
    UPDATE bookings
    SET tickets_checked_in = tickets_checked_in + change.checked_in
    FROM (
        SELECT booking_id, count(*) AS checked_in
        FROM new_rows
        WHERE status = 'used'
        GROUP BY booking_id
    ) AS change
    WHERE bookings.id = change.booking_id;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION count_inserted_tickets() IS 'Trigger: adds used tickets to their bookings'' counter.';
REVOKE EXECUTE ON FUNCTION count_inserted_tickets() FROM PUBLIC;

CREATE FUNCTION count_updated_tickets()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
AS $$
BEGIN
    -- The usual case: no booking is touched.
    IF NOT EXISTS (SELECT FROM new_rows WHERE status = 'used' UNION ALL SELECT FROM old_rows WHERE status = 'used') THEN
        RETURN NULL;
    END IF;
    PERFORM FROM bookings WHERE id IN (SELECT booking_id FROM new_rows) ORDER BY id FOR NO KEY UPDATE;
    UPDATE bookings
    SET tickets_checked_in = tickets_checked_in + change.checked_in
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
    WHERE bookings.id = change.booking_id;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION count_updated_tickets() IS 'Trigger: tickets that became used, or are so no longer, go into their bookings'' counter.';
REVOKE EXECUTE ON FUNCTION count_updated_tickets() FROM PUBLIC;

CREATE FUNCTION count_deleted_tickets()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
AS $$
BEGIN
    -- The usual case: no booking is touched.
    IF NOT EXISTS (SELECT FROM old_rows WHERE status = 'used') THEN
        RETURN NULL;
    END IF;
    PERFORM FROM bookings WHERE id IN (SELECT booking_id FROM old_rows WHERE status = 'used') ORDER BY id FOR NO KEY UPDATE;
    UPDATE bookings
    SET tickets_checked_in = tickets_checked_in + change.checked_in
    FROM (
        SELECT booking_id, -count(*) AS checked_in
        FROM old_rows
        WHERE status = 'used'
        GROUP BY booking_id
    ) AS change
    WHERE bookings.id = change.booking_id;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION count_deleted_tickets() IS 'Trigger: takes deleted used tickets out of their bookings'' counter.';
REVOKE EXECUTE ON FUNCTION count_deleted_tickets() FROM PUBLIC;

CREATE TRIGGER tickets_count_inserted
AFTER INSERT ON tickets
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_inserted_tickets();
COMMENT ON TRIGGER tickets_count_inserted ON tickets IS 'Keeps the counter of bookings.';

CREATE TRIGGER tickets_count_updated
AFTER UPDATE ON tickets
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_updated_tickets();
COMMENT ON TRIGGER tickets_count_updated ON tickets IS 'Keeps the counter of bookings.';

CREATE TRIGGER tickets_count_deleted
AFTER DELETE ON tickets
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_deleted_tickets();
COMMENT ON TRIGGER tickets_count_deleted ON tickets IS 'Keeps the counter of bookings.';

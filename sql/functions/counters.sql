-- The counters on events and bookings, kept by statement-level triggers with transition tables:
-- a statement that writes a thousand bookings updates each event once. Because triggers keep
-- them, a row inserted by hand counts too, and beyond capacity events_never_oversold refuses it.

CREATE FUNCTION add_to_event_counters(
    p_event_id bigint,
    p_bookings bigint,
    p_tickets bigint,
    p_revenue numeric,
    p_checked_in bigint
)
RETURNS void
LANGUAGE sql
VOLATILE
AS $$
    UPDATE events
    SET bookings_count = bookings_count + p_bookings,
        tickets_sold = tickets_sold + p_tickets,
        revenue = revenue + p_revenue,
        tickets_checked_in = tickets_checked_in + p_checked_in
    WHERE id = p_event_id;
$$;
COMMENT ON FUNCTION add_to_event_counters(bigint, bigint, bigint, numeric, bigint) IS 'Adds to the counters of one event; refused by events_never_oversold beyond its capacity.';
REVOKE EXECUTE ON FUNCTION add_to_event_counters(bigint, bigint, bigint, numeric, bigint) FROM PUBLIC;

-- Events are updated in id order: the lock order of every function.
CREATE FUNCTION count_inserted_bookings()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
AS $$
BEGIN
    PERFORM add_to_event_counters(event_id, count(*), sum(quantity), sum(total_amount), sum(tickets_checked_in))
    FROM new_rows
    WHERE status = 'confirmed'
    GROUP BY event_id
    ORDER BY event_id;
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
    PERFORM add_to_event_counters(
        event_id,
        sum(sign),
        sum(sign * quantity),
        sum(sign * total_amount),
        sum(sign * tickets_checked_in)
    )
    FROM (
        SELECT 1 AS sign, event_id, quantity, total_amount, tickets_checked_in, status FROM new_rows
        UNION ALL
        SELECT -1, event_id, quantity, total_amount, tickets_checked_in, status FROM old_rows
    ) AS change
    WHERE status = 'confirmed'
    GROUP BY event_id
    ORDER BY event_id;
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
    PERFORM add_to_event_counters(event_id, -count(*), -sum(quantity), -sum(total_amount), -sum(tickets_checked_in))
    FROM old_rows
    WHERE status = 'confirmed'
    GROUP BY event_id
    ORDER BY event_id;
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
CREATE FUNCTION add_to_booking_counter(
    p_booking_id bigint,
    p_checked_in bigint
)
RETURNS void
LANGUAGE sql
VOLATILE
AS $$
    UPDATE bookings
    SET tickets_checked_in = tickets_checked_in + p_checked_in
    WHERE id = p_booking_id
        AND p_checked_in <> 0;
$$;
COMMENT ON FUNCTION add_to_booking_counter(bigint, bigint) IS 'Adds to the number of used tickets of one booking.';
REVOKE EXECUTE ON FUNCTION add_to_booking_counter(bigint, bigint) FROM PUBLIC;

CREATE FUNCTION count_inserted_tickets()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
AS $$
BEGIN
    PERFORM add_to_booking_counter(booking_id, count(*))
    FROM new_rows
    WHERE status = 'used'
    GROUP BY booking_id
    ORDER BY booking_id;
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
    PERFORM add_to_booking_counter(booking_id, sum(sign))
    FROM (
        SELECT 1 AS sign, booking_id, status FROM new_rows
        UNION ALL
        SELECT -1, booking_id, status FROM old_rows
    ) AS change
    WHERE status = 'used'
    GROUP BY booking_id
    ORDER BY booking_id;
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
    PERFORM add_to_booking_counter(booking_id, -count(*))
    FROM old_rows
    WHERE status = 'used'
    GROUP BY booking_id
    ORDER BY booking_id;
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

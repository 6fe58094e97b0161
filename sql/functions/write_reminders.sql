-- write_reminders: tells guests of their event a day before it starts. API processes call it in a
-- loop; when nothing is due, it reads the few events of the next day and no booking.

CREATE FUNCTION write_reminders()
RETURNS boolean
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
    v_event record;
BEGIN
    -- One session at a time: the others would only wait for it.
    IF NOT pg_try_advisory_xact_lock(22, 0)
        OR EXISTS (SELECT FROM fact_cursors WHERE paused)
    THEN
        RETURN false;
    END IF;
    -- One event for each call, so that a transaction stays short.
    SELECT id, date_time
    INTO v_event
    FROM events
    WHERE status = 'active'
        AND date_time > now()
        AND date_time <= now() + interval '24 hours'
        AND (id, date_time) NOT IN (SELECT event_id, date_time FROM event_reminders)
    ORDER BY date_time, id
    LIMIT 1;
    IF v_event.id IS NULL THEN
        RETURN false;
    END IF;
    DELETE FROM event_reminders WHERE date_time < now();
    INSERT INTO event_reminders (event_id, date_time) VALUES (v_event.id, v_event.date_time);
    PERFORM tell_customers(
        ARRAY(
            SELECT
                ROW(
                    NULL,
                    user_id,
                    'event-reminder',
                    v_event.id,
                    NULL,
                    'reminder/' || v_event.id || '/' || to_char(
                        timezone('UTC', v_event.date_time), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'
                    ),
                    '{}',
                    clock_timestamp(),
                    NULL
                )::notices
            FROM bookings
            WHERE event_id = v_event.id
                AND status = 'confirmed'
            GROUP BY user_id
            -- Anyone who booked within the last day knows when the event is.
            HAVING min(booking_date) <= v_event.date_time - interval '24 hours'
        )
    );
    RETURN true;
END;
$$;
COMMENT ON FUNCTION write_reminders IS
    'Reminds the guests of the next event that starts within 24 hours, once for each date of an '
    'event, except those who booked within these hours. Returns whether there was one; '
    'false also when another session is at it, or when facts are paused.';

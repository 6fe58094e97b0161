-- integrity_violations_of: every contradiction in a range of events, their bookings and their
-- tickets. The view integrity_violations asks for all events, the sweep for a slice of them, and
-- the admin page of an event for one. Each is planned for its own range: a few events are read
-- through indexes, all of them by scans.
--
-- In each part one condition decides whether a row is wrong. LATERAL VALUES is evaluated only for
-- such rows, and names each contradiction.

CREATE FUNCTION integrity_violations_of(
    p_from_event_id bigint,
    p_to_event_id bigint
)
RETURNS TABLE (
    kind text,
    table_name text,
    row_id bigint,
    expected text,
    actual text,
    event_id bigint
)
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = public, pg_temp
SET plan_cache_mode = force_custom_plan
SET jit = off
-- An event of the present is in memory: its rows are read through indexes, not by a scan of all.
SET random_page_cost = 1.1
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT
        finding.kind,
        'events',
        wrong.id,
        finding.expected,
        finding.actual,
        wrong.id
    FROM (
        SELECT
            events.*,
            search_text(events.title || ' ' || events.venue) AS search_text_today,
            coalesce(truth.bookings, 0) AS true_bookings,
            coalesce(truth.tickets, 0) AS true_tickets,
            coalesce(truth.revenue, 0) AS true_revenue,
            coalesce(truth.checked_in, 0) AS true_checked_in,
            coalesce(logged.edits, 0) AS logged_edits
        FROM events
        LEFT JOIN (
            SELECT
                bookings.event_id,
                count(*) AS bookings,
                sum(quantity) AS tickets,
                sum(total_amount) AS revenue,
                sum(tickets_checked_in) AS checked_in
            FROM bookings
            WHERE status = 'confirmed'
                AND bookings.event_id BETWEEN p_from_event_id AND p_to_event_id
            GROUP BY bookings.event_id
        ) AS truth ON truth.event_id = events.id
        LEFT JOIN (
            SELECT activity.event_id, count(*) AS edits
            FROM activity
            WHERE action IN ('event-edited', 'event-cancelled', 'event-completed')
                AND activity.event_id BETWEEN p_from_event_id AND p_to_event_id
            GROUP BY activity.event_id
        ) AS logged ON logged.event_id = events.id
        WHERE events.id BETWEEN p_from_event_id AND p_to_event_id
            AND (
                coalesce(truth.tickets, 0) <> events.tickets_sold
                OR coalesce(truth.bookings, 0) <> events.bookings_count
                OR coalesce(truth.revenue, 0) <> events.revenue
                OR coalesce(truth.checked_in, 0) <> events.tickets_checked_in
                OR truth.tickets > events.capacity
                OR coalesce(logged.edits, 0) < events.version - 1
                OR search_text(events.title || ' ' || events.venue) <> events.search_text
            )
    ) AS wrong
    CROSS JOIN LATERAL (
        VALUES
            (
                'tickets-sold-differs',
                true_tickets::text,
                tickets_sold::text,
                true_tickets <> tickets_sold
            ),
            (
                'bookings-count-differs',
                true_bookings::text,
                bookings_count::text,
                true_bookings <> bookings_count
            ),
            ('revenue-differs', true_revenue::text, revenue::text, true_revenue <> revenue),
            (
                'tickets-checked-in-differs',
                true_checked_in::text,
                tickets_checked_in::text,
                true_checked_in <> tickets_checked_in
            ),
            (
                'sold-beyond-capacity',
                capacity::text,
                true_tickets::text,
                true_tickets > capacity
            ),
            -- Each version after the first was made by an edit.
            (
                'edited-event-without-activity',
                (version - 1)::text,
                logged_edits::text,
                logged_edits < version - 1
            ),
            (
                'search-text-differs',
                search_text_today,
                search_text,
                search_text_today <> search_text
            )
    ) AS finding (kind, expected, actual, found)
    WHERE finding.found
    UNION ALL
    SELECT
        finding.kind,
        'bookings',
        wrong.id,
        finding.expected,
        finding.actual,
        wrong.event_id
    FROM (
        SELECT
            counted.*,
            counted.tickets - counted.used - counted.cancelled AS active,
            events.status AS event_status
        FROM (
            SELECT
                bookings.*,
                count(tickets.id) AS tickets,
                count(*) FILTER (WHERE tickets.status = 'used') AS used,
                count(*) FILTER (WHERE tickets.status = 'cancelled') AS cancelled
            FROM bookings
            LEFT JOIN tickets ON tickets.booking_id = bookings.id
            WHERE bookings.event_id BETWEEN p_from_event_id AND p_to_event_id
            GROUP BY bookings.id
        ) AS counted
        JOIN events ON events.id = counted.event_id
        WHERE counted.quantity <> counted.tickets
            OR counted.used <> counted.tickets_checked_in
            OR (
                counted.status = 'cancelled'
                AND counted.tickets > counted.cancelled
                AND (
                    events.status <> 'cancelled'
                    OR counted.tickets > counted.used + counted.cancelled
                )
            )
            OR (
                counted.status = 'confirmed'
                AND (counted.cancelled > 0 OR events.status = 'cancelled')
            )
    ) AS wrong
    CROSS JOIN LATERAL (
        VALUES
            (
                'quantity-differs-from-tickets',
                quantity::text,
                tickets::text,
                quantity <> tickets
            ),
            (
                'booking-checked-in-differs',
                used::text,
                tickets_checked_in::text,
                used <> tickets_checked_in
            ),
            (
                'active-ticket-of-cancelled-booking',
                '0',
                active::text,
                status = 'cancelled' AND active > 0
            ),
            -- Cancelling an event also cancels bookings that were partly used; a customer cannot.
            (
                'used-ticket-of-cancelled-booking',
                '0',
                used::text,
                status = 'cancelled' AND event_status <> 'cancelled' AND used > 0
            ),
            (
                'cancelled-ticket-of-confirmed-booking',
                '0',
                cancelled::text,
                status = 'confirmed' AND cancelled > 0
            ),
            (
                'confirmed-booking-of-cancelled-event',
                'cancelled',
                status::text,
                status = 'confirmed' AND event_status = 'cancelled'
            )
    ) AS finding (kind, expected, actual, found)
    WHERE finding.found
    UNION ALL
    -- The last booking that had to keep the limit was made within the limit of that time. A limit
    -- that was lowered since is no contradiction.
    SELECT
        'customer-limit-exceeded',
        'bookings',
        owned.last_booking_id,
        version.customer_limit::text,
        owned.tickets::text,
        owned.event_id
    FROM (
        SELECT
            bookings.event_id,
            sum(quantity) AS tickets,
            max(booking_date) AS last_booked,
            (array_agg(bookings.id ORDER BY booking_date DESC, bookings.id DESC))[1]
                AS last_booking_id
        FROM events
        JOIN bookings ON bookings.event_id = events.id
        WHERE events.max_tickets_per_customer IS NOT NULL
            AND events.id BETWEEN p_from_event_id AND p_to_event_id
            AND bookings.status = 'confirmed'
            AND NOT beyond_customer_limit
        GROUP BY bookings.event_id, bookings.user_id, events.max_tickets_per_customer
        HAVING sum(quantity) > events.max_tickets_per_customer
    ) AS owned
    CROSS JOIN LATERAL (
        SELECT (fields ->> 'max_tickets_per_customer')::integer AS customer_limit
        FROM event_versions
        WHERE event_versions.event_id = owned.event_id
            AND at <= owned.last_booked
        ORDER BY event_versions.version DESC
        LIMIT 1
    ) AS version
    WHERE owned.tickets > version.customer_limit
    UNION ALL
    -- Bookings that are cancelled with their event share the event's line in the log.
    SELECT
        'cancelled-booking-without-activity',
        'bookings',
        bookings.id,
        'booking-cancelled',
        NULL,
        bookings.event_id
    FROM bookings
    JOIN events ON events.id = bookings.event_id AND events.status <> 'cancelled'
    WHERE bookings.status = 'cancelled'
        AND bookings.event_id BETWEEN p_from_event_id AND p_to_event_id
        AND NOT EXISTS (
            SELECT
            FROM activity
            WHERE activity.booking_id = bookings.id
                AND activity.action = 'booking-cancelled'
                AND activity.event_id BETWEEN p_from_event_id AND p_to_event_id
        )
    UNION ALL
    -- What a CHECK forbids is looked for only while that CHECK is missing or not validated.
    SELECT
        'total-amount-differs',
        'bookings',
        bookings.id,
        (unit_price * quantity)::text,
        total_amount::text,
        bookings.event_id
    FROM bookings
    WHERE bookings.event_id BETWEEN p_from_event_id AND p_to_event_id
        AND unit_price * quantity <> total_amount
        AND NOT EXISTS (
            SELECT
            FROM pg_constraint
            WHERE conrelid = 'bookings'::regclass
                AND conname = 'bookings_total_amount_is_price_times_quantity'
                AND convalidated
        )
    UNION ALL
    SELECT
        'ticket-code-check-symbol-differs',
        'tickets',
        tickets.id,
        ticket_code_check_symbol(replace(left(ticket_code, 23), '-', '')),
        right(ticket_code, 1),
        bookings.event_id
    FROM bookings
    JOIN tickets ON tickets.booking_id = bookings.id
    WHERE bookings.event_id BETWEEN p_from_event_id AND p_to_event_id
        AND right(ticket_code, 1)
            <> ticket_code_check_symbol(replace(left(ticket_code, 23), '-', ''))
        AND NOT EXISTS (
            SELECT
            FROM pg_constraint
            WHERE conrelid = 'tickets'::regclass
                AND conname = 'tickets_code_has_check_symbol'
                AND convalidated
        )
    UNION ALL
    -- What foreign keys forbid: a superuser can switch their triggers off.
    SELECT
        'orphan-booking',
        'bookings',
        bookings.id,
        bookings.event_id::text,
        NULL,
        bookings.event_id
    FROM bookings
    WHERE bookings.event_id BETWEEN p_from_event_id AND p_to_event_id
        AND NOT EXISTS (SELECT FROM events WHERE events.id = bookings.event_id)
    UNION ALL
    SELECT
        'booking-without-customer',
        'bookings',
        bookings.id,
        bookings.user_id::text,
        NULL,
        bookings.event_id
    FROM bookings
    WHERE bookings.event_id BETWEEN p_from_event_id AND p_to_event_id
        AND NOT EXISTS (SELECT FROM users WHERE users.id = bookings.user_id)
    UNION ALL
    SELECT
        'booking-without-booker',
        'bookings',
        bookings.id,
        bookings.booked_by::text,
        NULL,
        bookings.event_id
    FROM bookings
    WHERE bookings.event_id BETWEEN p_from_event_id AND p_to_event_id
        AND bookings.booked_by <> bookings.user_id
        AND NOT EXISTS (SELECT FROM users WHERE users.id = bookings.booked_by)
    UNION ALL
    -- What was announced, and what the venue's clock will show by the rules of this server.
    SELECT
        'local-time-differs',
        'events',
        moved.event_id,
        moved.local_date_time::text,
        moved.actual_local_date_time::text,
        moved.event_id
    FROM events_at_another_local_time AS moved
    WHERE moved.event_id BETWEEN p_from_event_id AND p_to_event_id;
END;
$$;
COMMENT ON FUNCTION integrity_violations_of IS
    'Every contradiction in the events with these ids, their bookings and their tickets: the rows '
    'of integrity_violations with an event_id in this range. For one event, give its id twice. '
    'Empty is healthy.';

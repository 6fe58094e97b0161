-- booking_with_tickets: a booking as its owner sees it, with what changed about its event since.

CREATE FUNCTION event_changes_since(
    p_event events,
    p_at timestamptz
)
RETURNS jsonb
LANGUAGE sql
STABLE
RETURN coalesce(
    (
        SELECT
            jsonb_agg(
                jsonb_build_object(
                    'field', field,
                    'was', past.fields ->> field,
                    'became', present.fields ->> field
                )
                ORDER BY field_no
            )
        FROM (
            SELECT fields
            FROM event_versions
            WHERE event_id = p_event.id
                AND at <= p_at
            ORDER BY version DESC
            LIMIT 1
        ) AS past
        CROSS JOIN editable_fields(p_event) AS present (fields)
        CROSS JOIN unnest(ARRAY['date_time', 'venue', 'doors_open'])
            WITH ORDINALITY AS compared (field, field_no)
        WHERE past.fields ->> field IS DISTINCT FROM present.fields ->> field
    ),
    '[]'
);
COMMENT ON FUNCTION event_changes_since IS
    'What a guest who booked at that time must know: an array of objects with field (date_time, '
    'venue or doors_open), was and became, as editable_fields() writes them. A field that has '
    'become what it was is not in it.';

CREATE FUNCTION cancelled_before_event(
    p_booking bookings,
    p_event events
)
RETURNS boolean
LANGUAGE sql
STABLE
RETURN p_booking.status = 'cancelled'
    AND p_event.status = 'cancelled'
    AND EXISTS (
        SELECT
        FROM (
            SELECT fields
            FROM event_versions
            WHERE event_id = p_event.id
                AND at <= p_booking.cancelled_at
            ORDER BY version DESC
            LIMIT 1
        ) AS past
        WHERE past.fields ->> 'status' <> 'cancelled'
    );
COMMENT ON FUNCTION cancelled_before_event IS
    'Whether the booking was cancelled first and its event later: then the event is not the '
    'reason.';

CREATE FUNCTION booking_with_tickets(p_booking_id bigint)
RETURNS SETOF booking_with_tickets
LANGUAGE sql
STABLE
AS $$
    SELECT
        bookings.id,
        bookings.user_id,
        bookings.event_id,
        bookings.quantity,
        bookings.unit_price,
        bookings.total_amount,
        bookings.status,
        bookings.booking_date,
        bookings.cancelled_at,
        bookings.booked_by,
        cancellable(bookings, events),
        events.title,
        events.venue,
        events.date_time,
        events.time_zone,
        events.status,
        (
            SELECT jsonb_agg(
                jsonb_build_object(
                    'id', tickets.id,
                    'ticket_code', ticket_code,
                    'status', tickets.status,
                    'used_at', used_at
                )
                ORDER BY tickets.id
            )
            FROM tickets
            WHERE tickets.booking_id = bookings.id
        ),
        events.bookable,
        events.doors_open,
        events.payment_note,
        events.cancellation_reason,
        -- Nearly no event was edited since: only the others need their history.
        CASE
            WHEN events.updated_at > bookings.booking_date
                THEN event_changes_since(events, bookings.booking_date)
            ELSE '[]'
        END,
        events.end_time,
        events.address,
        events.minimum_age,
        events.access_note,
        events.organiser_contact,
        events.poster_seed,
        -- Nearly no booking is cancelled: only those call the function.
        bookings.status = 'cancelled' AND cancelled_before_event(bookings, events)
    FROM bookings
    JOIN events ON events.id = bookings.event_id
    WHERE bookings.id = p_booking_id;
$$;
COMMENT ON FUNCTION booking_with_tickets IS
    'Returns a booking with its event and its tickets. Call it only for the customer or an admin, '
    'because it contains the ticket codes.';

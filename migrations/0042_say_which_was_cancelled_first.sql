-- A booking says whether it was cancelled before its event was.
-- depends: 0041_add_poster_seed

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
GRANT EXECUTE ON FUNCTION cancelled_before_event TO ticketing_api, ticketing_reader;

ALTER TYPE booking_with_tickets ADD ATTRIBUTE cancelled_before_event boolean;
COMMENT ON COLUMN booking_with_tickets.cancelled_before_event IS
    'Whether the event was cancelled after the booking: see cancelled_before_event().';

CREATE OR REPLACE FUNCTION booking_with_tickets(p_booking_id bigint)
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

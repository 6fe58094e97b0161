-- An event's bookings with their customers, newest first. If the event does not exist, there is no
-- row. If it has no bookings, there is one row with only NULLs. :search is part of a customer's
-- name or phone. :booking_id and :code are the same text as a booking's number and as the beginning
-- of a ticket code; each is NULL if the text cannot be one.
SELECT booking.*
FROM events
LEFT JOIN LATERAL (
    SELECT
        bookings.id,
        bookings.event_id,
        bookings.quantity,
        bookings.unit_price,
        bookings.total_amount,
        bookings.status,
        bookings.booking_date,
        bookings.cancelled_at,
        bookings.tickets_checked_in,
        bookings.booked_by,
        bookings.beyond_customer_limit,
        cancellable(bookings, events) AS cancellable,
        users.id AS customer_id,
        users.name AS customer_name,
        users.phone AS customer_phone
    FROM bookings
    JOIN users ON users.id = bookings.user_id
    WHERE bookings.event_id = events.id
        AND (
            :search::text IS NULL
            OR (
                users.search_text LIKE (search_patterns(:search))[1]
                AND users.search_text LIKE ALL (search_patterns(:search))
            )
            OR bookings.id = :booking_id::bigint
            OR (
                :code::text IS NOT NULL
                AND EXISTS (
                    SELECT
                    FROM tickets
                    WHERE tickets.booking_id = bookings.id
                        AND starts_with(tickets.ticket_code, :code)
                )
            )
        )
        AND (bookings.booking_date, bookings.id) < (
            coalesce(:after_booking_date::timestamptz, 'infinity'),
            coalesce(:after_id::bigint, 0)
        )
    ORDER BY bookings.booking_date DESC, bookings.id DESC
    LIMIT :limit
) AS booking ON true
WHERE events.id = :event_id
ORDER BY booking.booking_date DESC, booking.id DESC;

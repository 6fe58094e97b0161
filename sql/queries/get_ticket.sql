-- A ticket by its code as typed; only the customer and admins may see it.
SELECT
    parse_ticket_code(:code) IS NOT NULL AS well_formed,
    found.*
FROM (VALUES (true)) AS always (one)
LEFT JOIN LATERAL (
    SELECT
        tickets.id,
        tickets.ticket_code,
        tickets.status,
        tickets.used_at,
        bookings.id AS booking_id,
        bookings.quantity AS booking_quantity,
        customer.name AS customer_name,
        events.id AS event_id,
        events.title AS event_title,
        events.venue AS event_venue,
        events.date_time AS event_date_time,
        events.time_zone AS event_time_zone,
        events.status AS event_status,
        events.bookable AS event_bookable
    FROM tickets
    JOIN bookings ON bookings.id = tickets.booking_id
    JOIN users AS customer ON customer.id = bookings.user_id
    JOIN events ON events.id = bookings.event_id
    WHERE tickets.ticket_code = parse_ticket_code(:code)
        AND may_act_for(bookings.user_id, :caller_id)
) AS found ON true;

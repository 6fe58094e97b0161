-- A ticket by its code as typed, with its booking; only the customer and admins may see it.
SELECT
    meant.ticket_code IS NOT NULL AS well_formed,
    found.*
FROM ticket_code_meant(:code) AS meant (ticket_code)
LEFT JOIN LATERAL (
    SELECT
        booking.*,
        tickets.id AS ticket_id,
        tickets.ticket_code,
        tickets.status AS ticket_status,
        tickets.used_at,
        users.name AS customer_name
    FROM tickets
    CROSS JOIN LATERAL booking_with_tickets(tickets.booking_id) AS booking
    JOIN users ON users.id = booking.user_id
    WHERE tickets.ticket_code = meant.ticket_code
        AND may_act_for(booking.user_id, :caller_id)
) AS found ON true;

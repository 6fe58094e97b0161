-- ticket_details: which ticket admits whom. Codes are masked: a whole code admits.

CREATE VIEW ticket_details AS
SELECT
    tickets.id AS ticket_id,
    mask_ticket_code(tickets.ticket_code) AS ticket_code,
    tickets.status,
    tickets.used_at,
    tickets.booking_id,
    bookings.status AS booking_status,
    bookings.event_id,
    events.title AS event_title,
    events.date_time AS event_date_time,
    bookings.user_id,
    users.name AS customer_name,
    bookings.booking_date
FROM tickets
-- LEFT: a query that names no column of a joined table does not read it.
LEFT JOIN bookings ON bookings.id = tickets.booking_id
LEFT JOIN events ON events.id = bookings.event_id
LEFT JOIN users ON users.id = bookings.user_id;

COMMENT ON VIEW ticket_details IS
    'Every ticket with its booking, event and customer. Codes are masked.';
COMMENT ON COLUMN ticket_details.ticket_code IS 'Masked: its first group only.';
COMMENT ON COLUMN ticket_details.used_at IS 'NULL: it has not admitted anybody.';

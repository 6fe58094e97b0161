-- booking_details: who bought what. Phone numbers are masked: analysts need to tell customers
-- apart, not to call them.

CREATE VIEW booking_details AS
SELECT
    bookings.id AS booking_id,
    bookings.booking_date,
    bookings.status,
    bookings.cancelled_at,
    bookings.event_id,
    events.title AS event_title,
    events.venue AS event_venue,
    events.date_time AS event_date_time,
    events.time_zone AS event_time_zone,
    events.status AS event_status,
    bookings.user_id,
    customer.name AS customer_name,
    mask_phone(customer.phone) AS customer_phone,
    bookings.quantity,
    bookings.unit_price,
    bookings.total_amount,
    bookings.tickets_checked_in,
    bookings.booked_by,
    booker.name AS booked_by_name,
    bookings.booked_by <> bookings.user_id AS box_office,
    bookings.beyond_customer_limit
FROM bookings
-- LEFT: a query that names no column of a joined table does not read it.
LEFT JOIN events ON events.id = bookings.event_id
LEFT JOIN users AS customer ON customer.id = bookings.user_id
LEFT JOIN users AS booker ON booker.id = bookings.booked_by;

COMMENT ON VIEW booking_details IS
    'Who bought what: every booking with its event and customer. Phone numbers are masked.';
COMMENT ON COLUMN booking_details.cancelled_at IS 'NULL: the booking is confirmed.';
COMMENT ON COLUMN booking_details.customer_phone IS 'Masked.';
COMMENT ON COLUMN booking_details.box_office IS 'True when another user booked for the customer.';
COMMENT ON COLUMN booking_details.beyond_customer_limit IS
    'Whether the box office said that it may exceed the limit of a customer.';

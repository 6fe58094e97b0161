SELECT *
FROM booking_with_tickets(:booking_id);

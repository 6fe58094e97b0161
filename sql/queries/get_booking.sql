SELECT *
FROM booking_with_tickets($1);

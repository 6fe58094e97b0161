-- Booking requests of the box office that may exceed the limit of a customer.
SELECT
    request_no,
    replayed,
    problem_name(error_code) AS problem_type,
    error_detail,
    (booking).*
FROM book_tickets_beyond_limit(:requests::booking_request[]);

-- A batch of booking requests.
SELECT
    request_no,
    replayed,
    problem_name(error_code) AS problem_type,
    error_detail,
    (booking).*
FROM book_tickets(:requests::booking_request[]);

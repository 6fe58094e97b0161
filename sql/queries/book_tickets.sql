-- A batch of booking requests.
SELECT request_no, replayed, error_code, error_detail, (booking).*
FROM book_tickets($1::booking_request[]);

-- A batch of booking requests, as parallel arrays.
SELECT *
FROM book_tickets($1::bigint[], $2::bigint[], $3::integer[], $4::text[], $5::bigint[], $6::numeric[]);

SELECT *
FROM cancel_booking($1, $2);

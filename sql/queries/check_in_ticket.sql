SELECT *
FROM check_in_ticket($1, $2, $3);

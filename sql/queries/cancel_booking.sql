SELECT cancel_booking($1, $2);

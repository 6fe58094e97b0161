SELECT update_user($1, $2, $3, $4);

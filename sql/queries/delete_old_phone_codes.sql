SELECT delete_old_phone_codes(:at_most);

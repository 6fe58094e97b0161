SELECT delete_old_deliveries(:at_most);

SELECT fan_out_facts(:at_most);

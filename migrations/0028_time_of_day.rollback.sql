-- Takes 0028_time_of_day back.

DROP DOMAIN time_of_day;

SELECT since, recovery_codes FROM get_second_factor(:user_id);

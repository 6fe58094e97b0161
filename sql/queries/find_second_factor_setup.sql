SELECT find_second_factor_setup(:user_id);

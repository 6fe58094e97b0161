SELECT begin_second_factor_setup(:user_id, :secret);

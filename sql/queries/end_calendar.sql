SELECT end_calendar(:user_id);

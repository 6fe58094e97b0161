SELECT FROM set_email(:user_id, :address, :user_id);

SELECT export_user(:user_id) AS exported;

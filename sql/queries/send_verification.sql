SELECT send_verification(:user_id);

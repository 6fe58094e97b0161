SELECT FROM change_own_phone(:user_id, :phone);

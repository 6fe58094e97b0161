SELECT change_own_name(:user_id, :name);

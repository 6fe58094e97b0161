SELECT FROM set_optional_mail(:user_id, :optional_mail);

SELECT request_password_reset(:account, :address::inet);

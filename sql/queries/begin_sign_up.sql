SELECT begin_sign_up(:address::inet);

SELECT request_phone_code(
    :token_hash, :code_hash, :phone, :text, :user_id, :name, :password_hash, :address::inet
);

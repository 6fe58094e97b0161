-- The password was right: :password_hash is the hash that was verified.
SELECT id, name, phone, role, created_at, expires_at, lasts_seconds, awaits_second_factor
FROM end_sign_in(
    :attempt_id, :token_hash, :user_id, :password_hash, :address::inet, :browser
);

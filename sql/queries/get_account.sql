-- What the account page shows its user.
SELECT
    id,
    name,
    phone,
    email,
    email_verified_at IS NOT NULL AS email_verified,
    optional_mail,
    password_hash IS NOT NULL AS has_password,
    phone_verified_at IS NOT NULL AS phone_verified,
    phone_lost_at IS NOT NULL AS phone_lost,
    sends_phone_codes()
FROM users
WHERE id = :user_id;

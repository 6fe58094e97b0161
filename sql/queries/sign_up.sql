SELECT
    id,
    name,
    phone,
    role,
    created_at,
    NULL::timestamptz AS disabled_at,
    false AS phone_verified,
    false AS phone_lost,
    true AS has_password
FROM sign_up(:name, :phone, :password_hash);

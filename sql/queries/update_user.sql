SELECT
    id,
    name,
    phone,
    role,
    created_at,
    disabled_at,
    phone_verified_at IS NOT NULL AS phone_verified,
    phone_lost_at IS NOT NULL AS phone_lost,
    password_hash IS NOT NULL AS has_password
FROM update_user(:user_id, :name, NULL, :actor_id);

-- Admins, newest first. :search: as in search_users.
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
FROM users
WHERE role = 'admin'
    AND (
        :search::text IS NULL
        OR (
            search_text LIKE (search_patterns(:search))[1]
            AND search_text LIKE ALL (search_patterns(:search))
        )
    )
    AND (:after_id::bigint IS NULL OR id < :after_id)
ORDER BY id DESC
LIMIT :limit;

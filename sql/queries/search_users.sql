-- Users for the box office, newest first. :search: part of a name or phone.
SELECT id, name, phone, role, created_at
FROM users
WHERE (:search::text IS NULL OR search_text LIKE like_contains(search_text(:search)))
    AND (:after_id::bigint IS NULL OR id < :after_id)
ORDER BY id DESC
LIMIT :limit;

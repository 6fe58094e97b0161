-- Users for the box office, newest first. $1: part of a name or phone; $2: id of the last user
-- of the page before; $3: how many.
SELECT id, name, phone, role, created_at
FROM users
WHERE ($1::text IS NULL OR search_text LIKE like_contains(search_text($1)))
    AND ($2::bigint IS NULL OR id < $2)
ORDER BY id DESC
LIMIT $3;

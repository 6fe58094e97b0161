-- Who logged in, which is not the role that the API takes, and whether that is the owner of the
-- tables, who may change all of them.
SELECT
    session_user AS login,
    pg_has_role(session_user, relowner, 'MEMBER') AS is_owner
FROM pg_class
WHERE oid = 'public.events'::regclass;

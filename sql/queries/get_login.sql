-- The login, which is not the role that the API takes on, and whether it owns the tables: an owner
-- may change all of them.
SELECT
    session_user AS login,
    pg_has_role(session_user, relowner, 'MEMBER') AS is_owner
FROM pg_class
WHERE oid = 'public.events'::regclass;

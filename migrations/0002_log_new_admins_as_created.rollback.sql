-- Takes 0002_log_new_admins_as_created back.

CREATE OR REPLACE FUNCTION make_admin(
    p_name text,
    p_phone text,
    p_password_hash text
)
RETURNS bigint
LANGUAGE plpgsql
VOLATILE
AS $$
DECLARE
    v_user_id bigint;
BEGIN
    INSERT INTO users (name, phone, role, password_hash)
    VALUES (p_name, p_phone, 'admin', p_password_hash)
    ON CONFLICT (phone) DO UPDATE
    SET name = excluded.name,
        role = 'admin',
        password_hash = excluded.password_hash
    RETURNING id INTO v_user_id;
    -- Whoever held the old password is signed out.
    DELETE FROM sessions WHERE user_id = v_user_id;
    INSERT INTO activity (action, user_id, detail)
    VALUES ('user-changed', v_user_id, jsonb_build_object('became', jsonb_build_object('name', p_name, 'role', 'admin'), 'new_password', true));
    RETURN v_user_id;
END;
$$;
COMMENT ON FUNCTION make_admin(text, text, text) IS 'Creates an admin, or makes the user with this phone one, with a new name and password. For the owner of the database (make admin): the API may not call it.';
REVOKE EXECUTE ON FUNCTION make_admin(text, text, text) FROM PUBLIC;

COMMENT ON COLUMN users.role IS 'Set when the user is created; the API role may not change it.';
COMMENT ON COLUMN activity.user_id IS 'The user it was done to. NULL: not about a user.';
COMMENT ON CONSTRAINT tickets_code_unique ON tickets IS 'A code admits to one seat; its index is how check-in finds a ticket.';

GRANT SELECT ON activity TO ticketing_api;

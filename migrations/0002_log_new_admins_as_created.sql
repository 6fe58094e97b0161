-- The activity log tells a new admin from a user who became one. Some comments become true, and
-- the API loses a right it does not use: it reads the view recent_activity.
-- depends: 0001_first_release

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
    v_is_new boolean;
BEGIN
    INSERT INTO users (name, phone, role, password_hash)
    VALUES (p_name, p_phone, 'admin', p_password_hash)
    ON CONFLICT (phone) DO UPDATE
    SET name = excluded.name,
        role = 'admin',
        password_hash = excluded.password_hash
    -- A row that was there before has the lock of its update in xmax.
    RETURNING id, xmax = 0 INTO v_user_id, v_is_new;
    -- Whoever held the old password is signed out.
    DELETE FROM sessions WHERE user_id = v_user_id;
    IF v_is_new THEN
        INSERT INTO activity (action, user_id, detail)
        VALUES ('user-created', v_user_id, jsonb_build_object('name', p_name, 'role', 'admin'));
    ELSE
        INSERT INTO activity (action, user_id, detail)
        VALUES ('user-changed', v_user_id, jsonb_build_object('became', jsonb_build_object('name', p_name, 'role', 'admin'), 'new_password', true));
    END IF;
    RETURN v_user_id;
END;
$$;
COMMENT ON FUNCTION make_admin(text, text, text) IS 'Creates an admin, or makes the user with this phone one, with a new name and password. For the owner of the database (make admin): the API may not call it.';
REVOKE EXECUTE ON FUNCTION make_admin(text, text, text) FROM PUBLIC;

COMMENT ON COLUMN users.role IS 'Set when the user is created, or by make_admin; the API role may not change it.';
COMMENT ON COLUMN activity.user_id IS 'The user it was done to, or whose booking or ticket it was. NULL: no user.';
COMMENT ON CONSTRAINT tickets_code_unique ON tickets IS 'A code is one ticket''s; its index is how check-in finds a ticket.';

REVOKE SELECT ON activity FROM ticketing_api;

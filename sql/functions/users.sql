-- The only ways in which the API writes users. Each act of an admin leaves a line in the activity
-- log.

CREATE FUNCTION sign_up(
    p_name text,
    p_phone text,
    p_password_hash text
)
RETURNS TABLE (
    id bigint,
    name text,
    phone text,
    role user_role,
    created_at timestamptz
)
LANGUAGE sql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    INSERT INTO users (name, phone, password_hash)
    VALUES (p_name, p_phone, p_password_hash)
    RETURNING users.id, users.name, users.phone, users.role, users.created_at;
$$;
COMMENT ON FUNCTION sign_up IS
    'Creates a customer who chose the password, and returns the new row. A phone that is taken '
    'violates users_phone_unique.';

CREATE FUNCTION rehash_password(
    p_user_id bigint,
    p_old_hash text,
    p_new_hash text
)
RETURNS void
LANGUAGE sql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    UPDATE users
    SET password_hash = p_new_hash
    WHERE id = p_user_id
        AND password_hash = p_old_hash;
$$;
COMMENT ON FUNCTION rehash_password IS
    'Replaces the hash of a password by a hash of the same password with newer parameters, unless '
    'the password was changed meanwhile.';

CREATE FUNCTION create_user(
    p_fields jsonb,
    p_actor_id bigint
)
RETURNS users
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
    v_user users := jsonb_populate_record(NULL::users, p_fields);
BEGIN
    PERFORM require_admin(p_actor_id);
    INSERT INTO users (name, phone, role, password_hash)
    VALUES (v_user.name, v_user.phone, v_user.role, v_user.password_hash)
    RETURNING * INTO v_user;
    INSERT INTO activity (actor_id, action, user_id, detail)
    VALUES (
        p_actor_id,
        'user-created',
        v_user.id,
        jsonb_build_object('name', v_user.name, 'role', v_user.role)
    );
    RETURN v_user;
END;
$$;
COMMENT ON FUNCTION create_user(jsonb, bigint) IS
    'Creates a user of any role, for an admin, and returns the row. p_fields: name, phone, role '
    'and password_hash; without the last, a customer who cannot sign in. A phone that is taken '
    'violates users_phone_unique. Raises TK020 when the actor is not an admin.';

CREATE FUNCTION update_user(
    p_user_id bigint,
    p_name text,
    p_password_hash text,
    p_actor_id bigint
)
RETURNS users
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
    v_was users;
    v_new users;
BEGIN
    PERFORM require_admin(p_actor_id);
    SELECT users.* INTO v_was FROM users WHERE id = p_user_id FOR NO KEY UPDATE;
    IF v_was.id IS NULL THEN
        PERFORM raise_problem('TK008');
    END IF;
    UPDATE users
    SET name = p_name,
        password_hash = coalesce(p_password_hash, password_hash)
    WHERE id = p_user_id
    RETURNING * INTO v_new;
    -- Anyone who signed in with the old password is signed out.
    IF p_password_hash IS NOT NULL THEN
        DELETE FROM sessions WHERE user_id = p_user_id;
    END IF;
    INSERT INTO activity (actor_id, action, user_id, detail)
    VALUES (
        p_actor_id,
        'user-changed',
        p_user_id,
        jsonb_build_object(
            'was', jsonb_build_object('name', v_was.name),
            'became', jsonb_build_object('name', p_name),
            'new_password', p_password_hash IS NOT NULL
        )
    );
    RETURN v_new;
END;
$$;
COMMENT ON FUNCTION update_user IS
    'Changes a user''s name and, unless p_password_hash is NULL, the password, which ends the '
    'user''s sessions, and returns the row. Raises TK008 when the user is unknown, TK020 when the '
    'actor is not an admin.';

CREATE FUNCTION make_admin(
    p_name text,
    p_phone text,
    p_password_hash text
)
RETURNS bigint
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
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
    -- Anyone who signed in with the old password is signed out.
    DELETE FROM sessions WHERE user_id = v_user_id;
    IF v_is_new THEN
        INSERT INTO activity (action, user_id, detail)
        VALUES ('user-created', v_user_id, jsonb_build_object('name', p_name, 'role', 'admin'));
    ELSE
        INSERT INTO activity (action, user_id, detail)
        VALUES (
            'user-changed',
            v_user_id,
            jsonb_build_object(
                'became', jsonb_build_object('name', p_name, 'role', 'admin'),
                'new_password', true
            )
        );
    END IF;
    RETURN v_user_id;
END;
$$;
COMMENT ON FUNCTION make_admin IS
    'Creates an admin, or makes the user with this phone one, with a new name and password. For '
    'the owner of the database (make admin): the API may not call it.';

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
    v_holder users;
BEGIN
    PERFORM require_admin(p_actor_id);
    IF (p_fields ->> 'take_over')::boolean THEN
        v_holder := lock_phone(v_user.phone, NULL);
        PERFORM lose_phone(v_holder.id);
        v_user.phone_verified_at := clock_timestamp();
    END IF;
    INSERT INTO users (name, phone, role, password_hash, phone_verified_at)
    VALUES (
        v_user.name, v_user.phone, v_user.role, v_user.password_hash, v_user.phone_verified_at
    )
    RETURNING * INTO v_user;
    INSERT INTO activity (actor_id, action, user_id, detail)
    VALUES (
        p_actor_id,
        'user-created',
        v_user.id,
        jsonb_build_object('role', v_user.role)
    );
    PERFORM log_phone_change(p_actor_id, v_user.id, v_holder.id, NULL);
    RETURN v_user;
END;
$$;
COMMENT ON FUNCTION create_user(jsonb, bigint) IS
    'Creates a user of any role, for an admin, and returns the row. p_fields: name, phone, role '
    'and password_hash; without the last, a customer who cannot sign in. A phone that is taken '
    'violates users_phone_unique, unless p_fields has take_over: then the admin has seen that it '
    'is this user''s, and the user who had it loses it. Raises TK020 when the actor is not an '
    'admin.';

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
    ELSIF v_was.erased_at IS NOT NULL THEN
        PERFORM raise_problem('TK053');
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
            'new_name', v_new.name <> v_was.name, 'new_password', p_password_hash IS NOT NULL
        )
    );
    RETURN v_new;
END;
$$;
COMMENT ON FUNCTION update_user IS
    'Changes a user''s name and, unless p_password_hash is NULL, the password, which ends the '
    'user''s sessions, and returns the row. Raises TK008 when the user is unknown, TK053 when the '
    'user is erased, TK020 when the actor is not an admin.';

CREATE FUNCTION change_own_name(
    p_user_id bigint,
    p_name text
)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
BEGIN
    UPDATE users
    SET name = p_name
    WHERE id = p_user_id
        AND erased_at IS NULL
        AND name <> p_name;
    IF NOT FOUND THEN
        PERFORM wait_for_standby_at_commit();
        RETURN;
    END IF;
    INSERT INTO activity (actor_id, action, user_id, detail)
    VALUES (p_user_id, 'user-changed', p_user_id, jsonb_build_object('new_name', true));
END;
$$;
COMMENT ON FUNCTION change_own_name IS
    'Changes the name of a user, for that user. Repeating it changes nothing.';

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
    ON CONFLICT (phone) WHERE phone_lost_at IS NULL DO UPDATE
    SET name = excluded.name,
        role = 'admin',
        password_hash = excluded.password_hash,
        disabled_at = NULL
    -- A row that was there before has the lock of its update in xmax.
    RETURNING id, xmax = 0 INTO v_user_id, v_is_new;
    -- Anyone who signed in with the old password is signed out. The second factor may be lost.
    DELETE FROM sessions WHERE user_id = v_user_id;
    DELETE FROM recovery_codes WHERE user_id = v_user_id;
    DELETE FROM second_factors WHERE user_id = v_user_id;
    IF v_is_new THEN
        INSERT INTO activity (action, user_id, detail)
        VALUES ('user-created', v_user_id, jsonb_build_object('role', 'admin'));
    ELSE
        INSERT INTO activity (action, user_id, detail)
        VALUES (
            'user-changed',
            v_user_id,
            jsonb_build_object(
                'became', jsonb_build_object('role', 'admin'), 'new_password', true
            )
        );
    END IF;
    RETURN v_user_id;
END;
$$;
COMMENT ON FUNCTION make_admin IS
    'Creates an admin, or makes the user with this phone one who may sign in, with a new name and '
    'password and without a second factor. For the owner of the database (make admin): the API may '
    'not call it.';

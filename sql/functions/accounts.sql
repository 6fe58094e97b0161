-- What admins do with accounts: disable them and enable them again, give and take the role of an
-- admin, end the sessions. Each of them leaves a line in the activity log, with ids and roles only.

CREATE FUNCTION lock_admins()
RETURNS void
LANGUAGE sql
VOLATILE
RETURN pg_advisory_xact_lock(27, 0);
COMMENT ON FUNCTION lock_admins IS
    'Until the end of the transaction nobody else changes who is an admin. Of two admins who '
    'demote each other at once, the second waits here, and is no admin any longer when it goes on.';

CREATE FUNCTION set_user_disabled(
    p_user_id bigint,
    p_disabled boolean,
    p_actor_id bigint
)
RETURNS users
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_user users;
BEGIN
    PERFORM lock_admins();
    PERFORM require_admin(p_actor_id);
    SELECT users.* INTO v_user
    FROM users
    WHERE id = p_user_id
        AND erased_at IS NULL
    FOR NO KEY UPDATE;
    IF v_user.id IS NULL THEN
        PERFORM raise_problem('TK008');
    ELSIF (v_user.disabled_at IS NOT NULL) = p_disabled THEN
        PERFORM wait_for_standby_at_commit();
        RETURN v_user;
    END IF;
    UPDATE users
    SET disabled_at = CASE WHEN p_disabled THEN clock_timestamp() END
    WHERE id = p_user_id
    RETURNING * INTO v_user;
    DELETE FROM sessions WHERE user_id = p_user_id;
    INSERT INTO activity (actor_id, action, user_id, detail)
    VALUES (
        p_actor_id,
        'user-changed',
        p_user_id,
        jsonb_build_object(
            'was', jsonb_build_object('disabled', NOT p_disabled),
            'became', jsonb_build_object('disabled', p_disabled)
        )
    );
    RETURN v_user;
END;
$$;
COMMENT ON FUNCTION set_user_disabled IS
    'Disables an account, which ends its sessions, or enables it again, and returns the row. '
    'Repeating it changes nothing. Raises TK008 when the user is unknown or erased, TK020 when the '
    'actor is not an admin, TK030 for the last admin who can sign in.';

CREATE FUNCTION set_user_role(
    p_user_id bigint,
    p_role user_role,
    p_actor_id bigint
)
RETURNS users
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_was users;
    v_new users;
BEGIN
    PERFORM lock_admins();
    PERFORM require_admin(p_actor_id);
    SELECT users.* INTO v_was
    FROM users
    WHERE id = p_user_id
        AND erased_at IS NULL
    FOR NO KEY UPDATE;
    IF v_was.id IS NULL THEN
        PERFORM raise_problem('TK008');
    ELSIF v_was.role = p_role THEN
        PERFORM wait_for_standby_at_commit();
        RETURN v_was;
    END IF;
    UPDATE users
    SET role = p_role
    WHERE id = p_user_id
    RETURNING * INTO v_new;
    -- A new role begins with a new session.
    DELETE FROM sessions WHERE user_id = p_user_id;
    INSERT INTO activity (actor_id, action, user_id, detail)
    VALUES (
        p_actor_id,
        'user-changed',
        p_user_id,
        jsonb_build_object(
            'was', jsonb_build_object('role', v_was.role),
            'became', jsonb_build_object('role', p_role)
        )
    );
    RETURN v_new;
END;
$$;
COMMENT ON FUNCTION set_user_role IS
    'Makes a user an admin or a customer, ends the user''s sessions, and returns the row. '
    'Repeating it changes nothing. Raises TK008 when the user is unknown or erased, TK020 when the '
    'actor is not an admin, TK030 for the last admin who can sign in.';

CREATE FUNCTION end_user_sessions(
    p_user_id bigint,
    p_actor_id bigint
)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
BEGIN
    PERFORM require_admin(p_actor_id);
    -- A sign-in that goes on at the same time holds a lock on the row: it ends first.
    PERFORM FROM users WHERE id = p_user_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM raise_problem('TK008');
    END IF;
    DELETE FROM sessions WHERE user_id = p_user_id;
    INSERT INTO activity (actor_id, action, user_id, detail)
    VALUES (p_actor_id, 'user-changed', p_user_id, jsonb_build_object('signed_out', true));
END;
$$;
COMMENT ON FUNCTION end_user_sessions IS
    'Signs a user out everywhere. Raises TK008 when the user is unknown, TK020 when the actor is '
    'not an admin.';

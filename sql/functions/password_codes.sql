-- Codes with which users choose a password. An admin makes one at the box office and shows it to
-- the user; the code then sets the password once.

CREATE FUNCTION create_password_code(
    p_user_id bigint,
    p_code_hash bytea,
    p_actor_id bigint
)
RETURNS timestamptz
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_user users;
    v_expires_at timestamptz;
BEGIN
    PERFORM require_admin(p_actor_id);
    SELECT users.* INTO v_user FROM users WHERE id = p_user_id FOR NO KEY UPDATE;
    IF v_user.id IS NULL THEN
        PERFORM raise_problem('TK008');
    ELSIF v_user.erased_at IS NOT NULL THEN
        PERFORM raise_problem('TK053');
    END IF;
    INSERT INTO password_codes (user_id, code_hash)
    VALUES (p_user_id, p_code_hash)
    ON CONFLICT (user_id) DO UPDATE
    SET code_hash = excluded.code_hash,
        expires_at = excluded.expires_at
    RETURNING expires_at INTO v_expires_at;
    -- Failures with the forgotten password shall not keep the user from entering the code.
    PERFORM forget_sign_in_failures(v_user);
    INSERT INTO activity (actor_id, action, user_id, detail)
    VALUES (
        p_actor_id, 'user-changed', p_user_id, jsonb_build_object('password_code', true)
    );
    RETURN v_expires_at;
END;
$$;
COMMENT ON FUNCTION create_password_code IS
    'Keeps the hash of a code with which a user chooses a password, in place of an earlier code, '
    'and returns until when it is valid: for 15 minutes. Raises TK008 when the user is unknown, '
    'TK053 when the user is erased, TK020 when the actor is not an admin.';

CREATE FUNCTION find_password_code(
    p_user_id bigint,
    p_code_hash bytea
)
RETURNS TABLE (
    name text,
    phone text
)
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    SELECT users.name, users.phone
    FROM password_codes
    JOIN users ON users.id = password_codes.user_id
    WHERE password_codes.user_id = p_user_id
        AND password_codes.code_hash = p_code_hash
        AND password_codes.expires_at > clock_timestamp();
$$;
COMMENT ON FUNCTION find_password_code IS
    'The name and the phone of a user whose code this is: no password may be made of them. No row: '
    'the code is wrong, has expired or was used.';

CREATE FUNCTION use_password_code(
    p_user_id bigint,
    p_code_hash bytea,
    p_password_hash text
)
RETURNS boolean
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
BEGIN
    -- The row of the user is locked before the code, as in create_password_code().
    PERFORM FROM users WHERE id = p_user_id AND disabled_at IS NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    DELETE FROM password_codes
    WHERE user_id = p_user_id
        AND code_hash = p_code_hash
        AND expires_at > clock_timestamp();
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM replace_password(p_user_id, p_password_hash, NULL);
    RETURN true;
END;
$$;
COMMENT ON FUNCTION use_password_code IS
    'Sets the password of a user to whom an admin has given this code, ends all sessions of that '
    'user, and returns whether the code was valid. A code is valid once.';

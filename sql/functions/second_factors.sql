-- The second factor of a sign-in: the code of an authenticator app, or a recovery code. The program
-- that asks computes the codes of the app; the functions here decide that each works once.

CREATE FUNCTION has_second_factor(p_user_id bigint)
RETURNS boolean
LANGUAGE sql
STABLE
SET search_path = public, pg_temp
RETURN EXISTS (
    SELECT FROM second_factors WHERE user_id = p_user_id AND confirmed_at IS NOT NULL
);
COMMENT ON FUNCTION has_second_factor IS 'Whether the second factor of a user is on.';

CREATE FUNCTION get_second_factor(p_user_id bigint)
RETURNS TABLE (
    since timestamptz,
    recovery_codes integer
)
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    SELECT
        confirmed_at,
        (
            SELECT count(*)::integer
            FROM recovery_codes
            WHERE recovery_codes.user_id = second_factors.user_id
        )
    FROM second_factors
    WHERE user_id = p_user_id
        AND confirmed_at IS NOT NULL;
$$;
COMMENT ON FUNCTION get_second_factor IS
    'Since when the second factor of a user is on, and how many recovery codes are left. No row: '
    'it is off.';

CREATE FUNCTION begin_second_factor_setup(
    p_user_id bigint,
    p_secret text
)
RETURNS boolean
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
BEGIN
    PERFORM require_user(p_user_id);
    INSERT INTO second_factors (user_id, secret)
    VALUES (p_user_id, p_secret)
    ON CONFLICT (user_id) DO UPDATE
    SET secret = excluded.secret,
        created_at = excluded.created_at
    WHERE second_factors.confirmed_at IS NULL;
    RETURN FOUND;
END;
$$;
COMMENT ON FUNCTION begin_second_factor_setup IS
    'Keeps the secret for the authenticator app of a user, which enable_second_factor() turns on. '
    'Beginning again replaces the secret. Returns false and changes nothing when the second factor '
    'is on already. Raises TK008 when the user is unknown, TK053 when the user is erased.';

CREATE FUNCTION find_second_factor_setup(p_user_id bigint)
RETURNS text
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = public, pg_temp
RETURN (
    SELECT secret FROM second_factors WHERE user_id = p_user_id AND confirmed_at IS NULL
);
COMMENT ON FUNCTION find_second_factor_setup IS
    'The secret that a user has begun to set up. NULL: there is none, or the factor is on.';

CREATE FUNCTION write_recovery_codes(
    p_user_id bigint,
    p_code_hashes bytea[]
)
RETURNS void
LANGUAGE sql
VOLATILE
SET search_path = public, pg_temp
AS $$
    DELETE FROM recovery_codes WHERE user_id = p_user_id;
    INSERT INTO recovery_codes (user_id, code_hash)
    SELECT p_user_id, unnest(p_code_hashes);
$$;
COMMENT ON FUNCTION write_recovery_codes IS
    'Replaces the recovery codes of a user.';

CREATE FUNCTION enable_second_factor(
    p_user_id bigint,
    p_secret text,
    p_step bigint,
    p_code_hashes bytea[],
    p_session_id bigint,
    p_token_hash bytea
)
RETURNS integer
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_seconds integer;
BEGIN
    -- A sign-in that goes on at the same time holds a lock on the row: it ends first.
    PERFORM FROM users WHERE id = p_user_id FOR NO KEY UPDATE;
    UPDATE second_factors
    SET confirmed_at = clock_timestamp(),
        last_step = p_step
    WHERE user_id = p_user_id
        AND secret = p_secret
        AND confirmed_at IS NULL;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    PERFORM write_recovery_codes(p_user_id, p_code_hashes);
    -- Nobody has given the new factor elsewhere.
    DELETE FROM sessions WHERE user_id = p_user_id AND id IS DISTINCT FROM p_session_id;
    v_seconds := renew_session(p_session_id, p_user_id, p_token_hash, true);
    INSERT INTO activity (actor_id, action, user_id, detail)
    VALUES (p_user_id, 'user-changed', p_user_id, jsonb_build_object('second_factor', true));
    RETURN v_seconds;
END;
$$;
COMMENT ON FUNCTION enable_second_factor IS
    'Turns the second factor of a user on, once a code of the app was right: p_step is the half '
    'minute of that code. Ends the user''s other sessions. The session of this call gets a new '
    'token, and the function returns for how many seconds it is valid. NULL: nothing is changed, '
    'because the secret is another one by now, or the factor is on already.';

CREATE FUNCTION begin_second_factor(
    p_user_id bigint,
    p_address inet,
    p_device_hash bytea
)
RETURNS TABLE (
    attempt_id bigint,
    secret text
)
LANGUAGE sql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
    SELECT
        attempt.attempt_id,
        (
            SELECT second_factors.secret
            FROM second_factors
            WHERE user_id = p_user_id
                AND confirmed_at IS NOT NULL
        )
    FROM begin_confirmation(p_user_id, p_address, p_device_hash) AS attempt;
$$;
COMMENT ON FUNCTION begin_second_factor IS
    'For a user who gives the second factor: counts the attempt as a failed sign-in until it '
    'succeeds, and returns the secret of the app. secret is NULL when the factor is off. Raises '
    'TK019 as count_sign_in_attempt() does.';

CREATE FUNCTION use_second_factor(
    p_attempt_id bigint,
    p_user_id bigint,
    p_step bigint,
    p_code_hash bytea
)
RETURNS boolean
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
BEGIN
    -- Those who give the factor of a user at the same time come one after the other.
    PERFORM
    FROM second_factors
    WHERE user_id = p_user_id
        AND confirmed_at IS NOT NULL
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    ELSIF p_step IS NOT NULL THEN
        UPDATE second_factors
        SET last_step = p_step
        WHERE user_id = p_user_id
            AND (last_step IS NULL OR last_step < p_step);
    ELSE
        DELETE FROM recovery_codes WHERE user_id = p_user_id AND code_hash = p_code_hash;
    END IF;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    DELETE FROM sign_in_failures WHERE id = p_attempt_id;
    IF p_step IS NULL THEN
        INSERT INTO activity (actor_id, action, user_id, detail)
        VALUES (
            p_user_id, 'user-changed', p_user_id, jsonb_build_object('recovery_code_used', true)
        );
    END IF;
    RETURN true;
END;
$$;
COMMENT ON FUNCTION use_second_factor IS
    'Uses up a code that was right: of the app, by its half minute (p_step), or else a recovery '
    'code, by its hash. Takes back the failure that the attempt counted as, and returns true. '
    'Returns false and changes nothing when this code, or a later one, was used before, there is '
    'no such recovery code, or the factor is off.';

CREATE FUNCTION replace_recovery_codes(
    p_user_id bigint,
    p_code_hashes bytea[]
)
RETURNS boolean
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
BEGIN
    PERFORM
    FROM second_factors
    WHERE user_id = p_user_id
        AND confirmed_at IS NOT NULL
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM write_recovery_codes(p_user_id, p_code_hashes);
    INSERT INTO activity (actor_id, action, user_id, detail)
    VALUES (p_user_id, 'user-changed', p_user_id, jsonb_build_object('new_recovery_codes', true));
    RETURN true;
END;
$$;
COMMENT ON FUNCTION replace_recovery_codes IS
    'Gives a user new recovery codes; the earlier ones end. Returns false and changes nothing when '
    'the second factor is off.';

CREATE FUNCTION remove_second_factor(
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
    IF p_actor_id IS NOT NULL AND NOT may_act_for(p_user_id, p_actor_id) THEN
        PERFORM raise_problem('TK020');
    END IF;
    PERFORM FROM users WHERE id = p_user_id AND erased_at IS NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM raise_problem('TK008');
    END IF;
    DELETE FROM recovery_codes WHERE user_id = p_user_id;
    DELETE FROM second_factors WHERE user_id = p_user_id;
    IF NOT FOUND THEN
        PERFORM wait_for_standby_at_commit();
        RETURN;
    END IF;
    -- The user signs in with the password alone from now on. What an admin has reset, somebody else
    -- may have.
    IF p_actor_id IS DISTINCT FROM p_user_id THEN
        DELETE FROM sessions WHERE user_id = p_user_id;
    ELSE
        UPDATE sessions SET second_factor_at = NULL WHERE user_id = p_user_id;
        DELETE FROM sessions WHERE user_id = p_user_id AND awaits_second_factor;
    END IF;
    INSERT INTO activity (actor_id, action, user_id, detail)
    VALUES (p_actor_id, 'user-changed', p_user_id, jsonb_build_object('second_factor', false));
END;
$$;
COMMENT ON FUNCTION remove_second_factor IS
    'Turns the second factor of a user off and deletes the recovery codes, for the user or for an '
    'admin. An admin, or NULL, also ends the user''s sessions. Repeating it changes nothing. '
    'Raises TK008 when the user is unknown or erased, TK020 when the actor may not act for the '
    'user.';

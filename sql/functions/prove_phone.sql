-- prove_phone: whose number it is. Anyone who enters the code that was sent to a number gets the
-- number. The user who had it keeps everything else: bookings, password, mail address.

CREATE FUNCTION lock_phone(
    p_phone text,
    p_user_id bigint
)
RETURNS users
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_holder users;
BEGIN
    PERFORM pg_advisory_xact_lock(42, hashtext(p_phone));
    -- In one order, because two users may take over each other's numbers at once.
    PERFORM
    FROM users
    WHERE id = p_user_id
        OR (phone = p_phone AND phone_lost_at IS NULL)
    ORDER BY id
    FOR NO KEY UPDATE;
    SELECT users.*
    INTO v_holder
    FROM users
    WHERE phone = p_phone
        AND phone_lost_at IS NULL
        AND id IS DISTINCT FROM p_user_id;
    RETURN v_holder;
END;
$$;
COMMENT ON FUNCTION lock_phone IS
    'Locks a number and a user who is to have it, and returns the other user who has it. NULL: '
    'nobody else has it.';

CREATE FUNCTION lose_phone(p_user_id bigint)
RETURNS void
LANGUAGE sql
VOLATILE
SET search_path = public, pg_temp
AS $$
    UPDATE users
    SET phone_lost_at = clock_timestamp(),
        phone_verified_at = NULL
    WHERE id = p_user_id;
    -- Anyone who signed in with the number is signed out.
    DELETE FROM sessions WHERE user_id = p_user_id;
$$;
COMMENT ON FUNCTION lose_phone IS
    'The number of a user is somebody else''s from now on, and the user''s sessions end. NULL: '
    'nobody loses a number.';

CREATE FUNCTION log_phone_change(
    p_actor_id bigint,
    p_user_id bigint,
    p_holder_id bigint,
    p_detail jsonb
)
RETURNS void
LANGUAGE sql
VOLATILE
SET search_path = public, pg_temp
AS $$
    INSERT INTO activity (actor_id, action, user_id, detail)
    SELECT p_actor_id, 'user-changed', changed.user_id, changed.detail
    FROM (
        VALUES (p_holder_id, '{"phone_lost": true}'::jsonb), (p_user_id, p_detail)
    ) AS changed (user_id, detail)
    WHERE changed.user_id IS NOT NULL
        AND changed.detail IS NOT NULL;
$$;
COMMENT ON FUNCTION log_phone_change IS
    'Writes the lines of the activity log about a number: that p_holder_id has lost it, unless '
    'NULL, and what became of that of p_user_id, unless p_detail is NULL. The number is in neither '
    'line.';

CREATE FUNCTION give_phone(
    p_user_id bigint,
    p_phone text,
    p_verified boolean
)
RETURNS users
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_user users;
BEGIN
    UPDATE users
    SET phone = p_phone,
        phone_lost_at = NULL,
        phone_verified_at = CASE WHEN p_verified THEN clock_timestamp() END
    WHERE id = p_user_id
        AND erased_at IS NULL
    RETURNING * INTO v_user;
    RETURN v_user;
END;
$$;
COMMENT ON FUNCTION give_phone IS
    'Gives a number to a user, and returns the row; NULL when there is no such user. A number that '
    'another user has violates users_phone_unique.';

CREATE FUNCTION prove_phone(
    p_token_hash bytea,
    p_code_hash bytea,
    p_take_over boolean
)
RETURNS TABLE (
    outcome text,
    tries_left integer,
    proven users
)
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_most_failures constant integer := 5;
    v_phone text;
    v_code phone_codes;
    v_holder users;
    v_user users;
BEGIN
    SELECT phone INTO v_phone FROM phone_codes WHERE token_hash = p_token_hash;
    -- Those who enter a code for this number come one after the other.
    PERFORM pg_advisory_xact_lock(42, hashtext(v_phone));
    SELECT phone_codes.*
    INTO v_code
    FROM phone_codes
    WHERE token_hash = p_token_hash
        AND expires_at > clock_timestamp()
        AND failures < v_most_failures
    FOR UPDATE;
    IF v_code.id IS NULL THEN
        RETURN QUERY SELECT 'not-valid', NULL::integer, NULL::users;
        RETURN;
    ELSIF v_code.code_hash <> p_code_hash THEN
        UPDATE phone_codes SET failures = failures + 1 WHERE id = v_code.id;
        RETURN QUERY
        SELECT 'wrong', v_most_failures - v_code.failures - 1, NULL::users;
        RETURN;
    END IF;

    v_holder := lock_phone(v_phone, v_code.user_id);
    IF v_holder.id IS NOT NULL AND NOT p_take_over THEN
        RETURN QUERY SELECT 'taken', NULL::integer, NULL::users;
        RETURN;
    END IF;
    PERFORM lose_phone(v_holder.id);
    IF v_code.user_id IS NULL THEN
        INSERT INTO users (name, phone, password_hash, phone_verified_at)
        VALUES (v_code.name, v_phone, v_code.password_hash, clock_timestamp())
        RETURNING * INTO v_user;
    ELSE
        v_user := give_phone(v_code.user_id, v_phone, true);
    END IF;
    IF v_user.id IS NULL THEN
        RETURN QUERY SELECT 'not-valid', NULL::integer, NULL::users;
        RETURN;
    END IF;
    PERFORM log_phone_change(
        v_user.id,
        v_user.id,
        v_holder.id,
        CASE WHEN v_code.user_id IS NOT NULL THEN '{"phone_verified": true}'::jsonb END
    );
    -- The other codes for this number were sent to the same person, or to one who had it before.
    DELETE FROM phone_codes WHERE phone = v_phone;
    RETURN QUERY SELECT 'proven', NULL::integer, v_user;
END;
$$;
COMMENT ON FUNCTION prove_phone IS
    'Gives the number that a code was sent to to the user who asked for it, or makes the account '
    'that was asked for. outcome: proven; wrong, with how many tries are left; not-valid: the code '
    'has expired, was used or had five failures; taken: another user has the number, and '
    'p_take_over is false, so that nothing is changed and the code stays valid. With p_take_over '
    'that user loses the number.';

CREATE FUNCTION change_own_phone(
    p_user_id bigint,
    p_phone text
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
    -- Where codes can be sent, a code decides: see prove_phone().
    IF sends_phone_codes() THEN
        PERFORM raise_problem('TK020');
    END IF;
    PERFORM pg_advisory_xact_lock(42, hashtext(p_phone));
    SELECT users.* INTO v_user FROM users WHERE id = p_user_id FOR NO KEY UPDATE;
    IF v_user.phone = p_phone AND v_user.phone_lost_at IS NULL THEN
        RETURN v_user;
    END IF;
    v_user := give_phone(p_user_id, p_phone, false);
    PERFORM log_phone_change(p_user_id, p_user_id, NULL, '{"new_phone": true}');
    RETURN v_user;
END;
$$;
COMMENT ON FUNCTION change_own_phone IS
    'Changes a user''s number where no codes can be sent, and returns the row. The new number is '
    'not verified. A number that another user has violates users_phone_unique. Raises TK020 where '
    'codes can be sent.';

CREATE FUNCTION set_user_phone(
    p_user_id bigint,
    p_phone text,
    p_verified boolean,
    p_take_over boolean,
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
    v_holder users;
    v_user users;
BEGIN
    PERFORM require_admin(p_actor_id);
    v_holder := lock_phone(p_phone, p_user_id);
    SELECT users.* INTO v_was FROM users WHERE id = p_user_id;
    IF p_take_over THEN
        PERFORM lose_phone(v_holder.id);
    END IF;
    v_user := give_phone(p_user_id, p_phone, p_verified);
    IF v_user.id IS NULL THEN
        PERFORM raise_problem('TK008');
    END IF;
    PERFORM log_phone_change(
        p_actor_id,
        p_user_id,
        v_holder.id,
        jsonb_build_object('new_phone', v_was.phone <> p_phone, 'phone_verified', p_verified)
    );
    RETURN v_user;
END;
$$;
COMMENT ON FUNCTION set_user_phone IS
    'Gives a number to a user, for an admin who has seen a document or called the number '
    '(p_verified), and returns the row. A number that another user has is taken from that user '
    'with p_take_over, and violates users_phone_unique otherwise. Raises TK008 when the user is '
    'unknown or erased, TK020 when the actor is not an admin.';

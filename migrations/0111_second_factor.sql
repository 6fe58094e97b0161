-- Admins sign in with a second factor, and what concerns other people's accounts needs that the
-- password was given a short time ago.
-- depends: 0110_own_passwords

CREATE TABLE second_factors (
    user_id      bigint      NOT NULL,
    secret       text COLLATE "C" NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    confirmed_at timestamptz,                    -- NULL: no code of the app was entered yet
    last_step    bigint,                         -- NULL: no code was used yet
    CONSTRAINT second_factors_pkey PRIMARY KEY (user_id),
    CONSTRAINT second_factors_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT second_factors_secret_160_bits CHECK (secret ~ '^[A-Z2-7]{32}$'),
    CONSTRAINT second_factors_used_only_when_confirmed CHECK (
        last_step IS NULL OR confirmed_at IS NOT NULL
    )
);

COMMENT ON TABLE second_factors IS
    'The authenticator apps of users: one for a user. Only functions read it.';
COMMENT ON COLUMN second_factors.secret IS
    'What the app and the site have in common: 160 random bits in base32.';
COMMENT ON COLUMN second_factors.confirmed_at IS
    'When a code of the app was entered for the first time, so that the factor is on. NULL: the '
    'user has begun to set it up.';
COMMENT ON COLUMN second_factors.last_step IS
    'The half minute of the last code that was used, counted from 1970. A code of it or of an '
    'earlier one is refused, so each works once. NULL: none was used.';

CREATE TABLE recovery_codes (
    user_id   bigint NOT NULL,
    code_hash bytea  NOT NULL,
    CONSTRAINT recovery_codes_pkey PRIMARY KEY (user_id, code_hash),
    CONSTRAINT recovery_codes_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT recovery_codes_code_hash_is_sha256 CHECK (octet_length(code_hash) = 32)
);

COMMENT ON TABLE recovery_codes IS
    'The recovery codes that are left of each user with a second factor. One that was used is '
    'deleted.';
COMMENT ON COLUMN recovery_codes.code_hash IS 'SHA-256 of the code; the code itself is not stored.';

ALTER TABLE sessions
    ADD COLUMN confirmed_at timestamptz,
    ADD COLUMN second_factor_at timestamptz,
    ADD COLUMN awaits_second_factor boolean NOT NULL DEFAULT false;
-- Nobody has given a password again in the sessions that are there.
ALTER TABLE sessions ALTER COLUMN confirmed_at SET DEFAULT now();
COMMENT ON COLUMN sessions.confirmed_at IS
    'When the user last gave the password, and the second factor if it is on. What concerns other '
    'accounts needs that this was a short time ago: see session_is_confirmed(). NULL: it is not '
    'known.';
COMMENT ON COLUMN sessions.second_factor_at IS
    'When the second factor was last given in this session. NULL: it was not, or it is off.';
COMMENT ON COLUMN sessions.awaits_second_factor IS
    'Whether only the password was given, and the second factor must follow before the session is '
    'good for anything else.';

CREATE FUNCTION session_is_confirmed(p_confirmed_at timestamptz)
RETURNS boolean
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN coalesce(p_confirmed_at > now() - interval '15 minutes', false);
COMMENT ON FUNCTION session_is_confirmed IS
    'Whether the password, and the second factor if it is on, were given in a session within 15 '
    'minutes.';

CREATE FUNCTION has_second_factor(p_user_id bigint)
RETURNS boolean
LANGUAGE sql
STABLE
SET search_path = public, pg_temp
RETURN EXISTS (
    SELECT FROM second_factors WHERE user_id = p_user_id AND confirmed_at IS NOT NULL
);
COMMENT ON FUNCTION has_second_factor IS 'Whether the second factor of a user is on.';

CREATE OR REPLACE FUNCTION begin_session(
    p_user_id bigint,
    p_role user_role,
    p_token_hash bytea,
    p_address inet,
    p_browser text
)
RETURNS sessions
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_session sessions;
BEGIN
    DELETE FROM sessions
    WHERE token_hash IN (
        SELECT token_hash
        FROM sessions
        WHERE expires_at < now()
        ORDER BY expires_at
        LIMIT 10
        FOR UPDATE SKIP LOCKED
    );
    -- With the new one they are a hundred. Only what is deleted is locked: OFFSET beside FOR UPDATE
    -- would lock the others, too.
    DELETE FROM sessions
    WHERE token_hash IN (
        SELECT token_hash
        FROM sessions
        WHERE token_hash IN (
                SELECT token_hash
                FROM sessions
                WHERE user_id = p_user_id
                ORDER BY last_seen_at DESC
                OFFSET 99
            )
        FOR UPDATE SKIP LOCKED
    );
    INSERT INTO sessions (
        token_hash, user_id, expires_at, network, browser, awaits_second_factor
    )
    VALUES (
        p_token_hash,
        p_user_id,
        now() + session_lasts(p_role),
        client_network(p_address),
        p_browser,
        has_second_factor(p_user_id)
    )
    RETURNING * INTO v_session;
    RETURN v_session;
END;
$$;
COMMENT ON FUNCTION begin_session IS
    'Begins a session and returns it. Where the second factor is on, the session awaits it. Removes '
    'some expired sessions, and those of the user that were used least recently, so that nobody has '
    'more than a hundred.';

CREATE FUNCTION renew_session(
    p_session_id bigint,
    p_user_id bigint,
    p_token_hash bytea,
    p_with_factor boolean
)
RETURNS integer
LANGUAGE sql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
    UPDATE sessions
    SET token_hash = p_token_hash,
        confirmed_at = now(),
        second_factor_at = CASE WHEN p_with_factor THEN now() ELSE second_factor_at END,
        awaits_second_factor = awaits_second_factor AND NOT p_with_factor
    WHERE id = p_session_id
        AND user_id = p_user_id
    RETURNING extract(epoch FROM expires_at - now())::integer;
$$;
COMMENT ON FUNCTION renew_session IS
    'Writes that the password was given again in a session, and with p_with_factor the second '
    'factor. The session gets a new token, and the function returns for how many seconds it is '
    'valid. NULL: the session has ended.';

-- API processes of the release before name the columns that they read.
-- squawk-ignore ban-drop-function
DROP FUNCTION end_sign_in(bigint, bytea, bigint, text, inet, text);
CREATE FUNCTION end_sign_in(
    p_attempt_id bigint,
    p_token_hash bytea,
    p_user_id bigint,
    p_password_hash text,
    p_address inet,
    p_browser text
)
RETURNS TABLE (
    id bigint,
    name text,
    phone text,
    role user_role,
    created_at timestamptz,
    expires_at timestamptz,
    lasts_seconds integer,
    awaits_second_factor boolean
)
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
#variable_conflict use_column
DECLARE
    v_user users;
    v_session sessions;
BEGIN
    -- The password may have been changed, or the account disabled, since it was verified. With this
    -- lock such a change waits until the session is there, and then ends it.
    SELECT users.* INTO v_user
    FROM users
    WHERE id = p_user_id
        AND password_hash = p_password_hash
        AND disabled_at IS NULL
    FOR SHARE;
    IF v_user.id IS NULL THEN
        RETURN;
    END IF;

    DELETE FROM sign_in_failures WHERE id = p_attempt_id;
    v_session := begin_session(v_user.id, v_user.role, p_token_hash, p_address, p_browser);
    RETURN QUERY
    SELECT
        v_user.id,
        v_user.name,
        v_user.phone,
        v_user.role,
        v_user.created_at,
        v_session.expires_at,
        extract(epoch FROM v_session.expires_at - v_session.created_at)::integer,
        v_session.awaits_second_factor;
END;
$$;
COMMENT ON FUNCTION end_sign_in(bigint, bytea, bigint, text, inet, text) IS
    'Begins a session, returns its user, when it ends at the latest, how many seconds that is from '
    'now, and whether the second factor must follow, and takes back the failure that the attempt '
    'counted as. Returns no row and changes nothing when the user''s password hash is no longer the one that was verified, or the user is '
    'disabled.';

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
    'Since when the second factor of a user is on, and how many recovery codes are left. No row: it '
    'is off.';

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
    'Returns false and changes nothing when this code, or a later one, was used before, there is no '
    'such recovery code, or the factor is off.';

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
    'admin. An admin, or NULL, also ends the user''s sessions. Repeating it changes nothing. Raises '
    'TK008 when the user is unknown or erased, TK020 when the actor may not act for the user.';

CREATE OR REPLACE FUNCTION delete_data_of(p_user users)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_accounts constant text[] := ARRAY(
        SELECT p_user.phone WHERE p_user.phone_lost_at IS NULL
        UNION
        SELECT lower(p_user.email)
        UNION
        SELECT lower(address) FROM mails WHERE user_id = p_user.id
        UNION
        SELECT lower(address) FROM mail_links WHERE user_id = p_user.id
    );
BEGIN
    -- What webhooks are told of a notice holds the phone number.
    DELETE FROM webhook_deliveries
    USING webhook_endpoints, notices
    WHERE notices.user_id = p_user.id
        AND webhook_deliveries.endpoint_id = webhook_endpoints.id
        AND source = 'notice'
        AND source_id = notices.id;
    -- Mails first: a link that a process makes at this moment is then found as well.
    DELETE FROM mails WHERE user_id = p_user.id;
    DELETE FROM mail_links WHERE user_id = p_user.id;
    DELETE FROM notices WHERE user_id = p_user.id;
    DELETE FROM calendars WHERE user_id = p_user.id;
    DELETE FROM sessions WHERE user_id = p_user.id;
    DELETE FROM event_creations WHERE actor_id = p_user.id;
    DELETE FROM known_devices WHERE user_id = p_user.id;
    DELETE FROM password_codes WHERE user_id = p_user.id;
    DELETE FROM recovery_codes WHERE user_id = p_user.id;
    DELETE FROM second_factors WHERE user_id = p_user.id;
    DELETE FROM phone_codes WHERE user_id = p_user.id OR phone = ANY (v_accounts);
    DELETE FROM phone_code_requests WHERE user_id = p_user.id OR phone = ANY (v_accounts);
    -- Their names may be those of people. Sessions of door passes go with them.
    DELETE FROM api_tokens WHERE user_id = p_user.id;
    DELETE FROM sign_in_failures WHERE coalesce(phone, email) = ANY (v_accounts);
    DELETE FROM password_reset_requests WHERE account = ANY (v_accounts);
    -- A finding about a user holds the name.
    DELETE FROM integrity_findings WHERE table_name = 'users' AND row_id = p_user.id;
END;
$$;
COMMENT ON FUNCTION delete_data_of IS
    'For erase_user: deletes the rows of all other tables that hold something of a person.';

CREATE OR REPLACE FUNCTION make_admin(
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
    'password and without a second factor. For the owner of the database (make admin): the API may not call it.';

GRANT EXECUTE ON FUNCTION session_is_confirmed TO PUBLIC;
GRANT EXECUTE ON FUNCTION end_sign_in(bigint, bytea, bigint, text, inet, text) TO ticketing_api;
GRANT EXECUTE ON FUNCTION get_second_factor TO ticketing_api;
GRANT EXECUTE ON FUNCTION begin_second_factor_setup TO ticketing_api;
GRANT EXECUTE ON FUNCTION find_second_factor_setup TO ticketing_api;
GRANT EXECUTE ON FUNCTION enable_second_factor TO ticketing_api;
GRANT EXECUTE ON FUNCTION begin_second_factor TO ticketing_api;
GRANT EXECUTE ON FUNCTION use_second_factor TO ticketing_api;
GRANT EXECUTE ON FUNCTION replace_recovery_codes TO ticketing_api;
GRANT EXECUTE ON FUNCTION remove_second_factor TO ticketing_api;
GRANT EXECUTE ON FUNCTION renew_session TO ticketing_api;

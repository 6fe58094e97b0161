-- Takes 0111_second_factor back.

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
    -- Anyone who signed in with the old password is signed out.
    DELETE FROM sessions WHERE user_id = v_user_id;
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
    'password. For the owner of the database (make admin): the API may not call it.';

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

DROP FUNCTION remove_second_factor;
DROP FUNCTION replace_recovery_codes;
DROP FUNCTION use_second_factor;
DROP FUNCTION begin_second_factor;
DROP FUNCTION enable_second_factor;
DROP FUNCTION write_recovery_codes;
DROP FUNCTION find_second_factor_setup;
DROP FUNCTION begin_second_factor_setup;
DROP FUNCTION get_second_factor;
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
    lasts_seconds integer
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
        extract(epoch FROM v_session.expires_at - v_session.created_at)::integer;
END;
$$;
COMMENT ON FUNCTION end_sign_in(bigint, bytea, bigint, text, inet, text) IS
    'Begins a session, returns its user, when it ends at the latest and how many seconds that is '
    'from now, and takes back the failure that the attempt counted as. Returns no row and changes '
    'nothing when the user''s password hash is no longer the one that was verified, or the user is '
    'disabled.';
GRANT EXECUTE ON FUNCTION end_sign_in(bigint, bytea, bigint, text, inet, text) TO ticketing_api;
DROP FUNCTION renew_session;
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
    INSERT INTO sessions (token_hash, user_id, expires_at, network, browser)
    VALUES (
        p_token_hash,
        p_user_id,
        now() + session_lasts(p_role),
        client_network(p_address),
        p_browser
    )
    RETURNING * INTO v_session;
    RETURN v_session;
END;
$$;
COMMENT ON FUNCTION begin_session IS
    'Begins a session and returns it. Removes some expired sessions, and those of the user that '
    'were used least recently, so that nobody has more than a hundred.';
DROP FUNCTION has_second_factor;
DROP FUNCTION session_is_confirmed;
-- A session that waits for its second factor must not become a whole one.
DELETE FROM sessions WHERE awaits_second_factor;
ALTER TABLE sessions
    DROP COLUMN awaits_second_factor,
    DROP COLUMN second_factor_at,
    DROP COLUMN confirmed_at;
DROP TABLE recovery_codes;
DROP TABLE second_factors;

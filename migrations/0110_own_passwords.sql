-- People change their own password and name, and choose a password with a code that an admin has made
-- for them: no admin knows the password of somebody else.
-- depends: 0106_erase_what_accounts_have

CREATE TABLE password_codes (
    user_id    bigint      NOT NULL,
    code_hash  bytea       NOT NULL,
    expires_at timestamptz NOT NULL DEFAULT now() + interval '15 minutes',
    CONSTRAINT password_codes_pkey PRIMARY KEY (user_id),
    CONSTRAINT password_codes_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT password_codes_code_hash_is_sha256 CHECK (octet_length(code_hash) = 32)
);

-- purge(): expired codes.
CREATE INDEX password_codes_by_expires_at ON password_codes (expires_at);

COMMENT ON TABLE password_codes IS
    'The codes that admins made for users who are to choose a password: one for a user, and deleted '
    'once it is used.';
COMMENT ON COLUMN password_codes.code_hash IS 'SHA-256 of the code; the code itself is not stored.';
COMMENT ON COLUMN password_codes.expires_at IS 'When the code ends to be valid.';
COMMENT ON INDEX password_codes_by_expires_at IS 'For removing expired codes.';

CREATE FUNCTION forget_sign_in_failures(p_user users)
RETURNS void
LANGUAGE sql
VOLATILE
SET search_path = public, pg_temp
AS $$
    DELETE FROM sign_in_failures
    WHERE coalesce(phone, email) = ANY (
        ARRAY[
            CASE WHEN p_user.phone_lost_at IS NULL THEN p_user.phone END,
            CASE WHEN p_user.email_verified_at IS NOT NULL THEN lower(p_user.email) END
        ]
    );
$$;
COMMENT ON FUNCTION forget_sign_in_failures IS
    'Deletes the failed sign-ins that count for a user: those with the phone and with the verified '
    'mail address.';

CREATE FUNCTION replace_password(
    p_user_id bigint,
    p_password_hash text,
    p_session_id bigint
)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_user users;
BEGIN
    UPDATE users
    SET password_hash = p_password_hash
    WHERE id = p_user_id
    RETURNING * INTO v_user;
    -- Anyone who signed in with the old password is signed out, and nothing else sets a new one.
    DELETE FROM sessions WHERE user_id = p_user_id AND id IS DISTINCT FROM p_session_id;
    PERFORM end_mails(p_user_id, '{password-reset}', 'the password was reset');
    DELETE FROM mail_links WHERE user_id = p_user_id AND purpose = 'password-reset';
    DELETE FROM password_codes WHERE user_id = p_user_id;
    -- Failures with the forgotten password shall not keep the user from signing in.
    PERFORM forget_sign_in_failures(v_user);
    INSERT INTO activity (actor_id, action, user_id, detail)
    VALUES (p_user_id, 'user-changed', p_user_id, jsonb_build_object('new_password', true));
END;
$$;
COMMENT ON FUNCTION replace_password IS
    'Gives a user a password that the user has chosen. Ends the user''s sessions except '
    'p_session_id (NULL: all of them), and the links and codes with which a password is set.';

CREATE OR REPLACE FUNCTION reset_password(
    p_token_hash bytea,
    p_password_hash text
)
RETURNS boolean
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_link mail_links := use_link(p_token_hash, 'password-reset');
BEGIN
    IF v_link.user_id IS NULL THEN
        RETURN false;
    END IF;
    PERFORM replace_password(v_link.user_id, p_password_hash, NULL);
    RETURN true;
END;
$$;
COMMENT ON FUNCTION reset_password IS
    'Sets the password of the user whom a link was mailed to, ends all sessions of that user, and '
    'returns whether the link was valid. A link is valid once.';

CREATE FUNCTION change_own_password(
    p_user_id bigint,
    p_old_hash text,
    p_new_hash text,
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
    -- The password may have been changed since it was verified.
    PERFORM FROM users WHERE id = p_user_id AND password_hash = p_old_hash FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    UPDATE sessions
    SET token_hash = p_token_hash
    WHERE id = p_session_id
        AND user_id = p_user_id
    RETURNING extract(epoch FROM expires_at - now())::integer INTO v_seconds;
    IF v_seconds IS NOT NULL THEN
        PERFORM replace_password(p_user_id, p_new_hash, p_session_id);
    END IF;
    RETURN v_seconds;
END;
$$;
COMMENT ON FUNCTION change_own_password IS
    'Changes the password of a user who has given the old one, whose hash is p_old_hash, and ends '
    'the user''s other sessions. The session of this call gets a new token, and the function '
    'returns for how many seconds it is valid. Returns NULL and changes nothing when the hash is '
    'another one by now, or the session has ended.';

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

CREATE OR REPLACE FUNCTION purge(
    p_at_most integer,
    p_mail_days integer,
    p_notice_days integer
)
RETURNS integer
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
    -- For as long as sign-ups and requests for a new password are counted, and failed sign-ins.
    v_counted constant timestamptz := now() - interval '15 minutes';
    v_failures_counted constant timestamptz := now() - interval '1 hour';
    v_deleted integer[];
    v_rows integer;
BEGIN
    IF least(p_at_most, p_mail_days, p_notice_days) < 1 THEN
        RAISE EXCEPTION 'p_at_most, p_mail_days and p_notice_days must be at least 1'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    v_deleted := ARRAY[purge_notices(p_notice_days, p_at_most)];
    -- Arrays, so that rows are found by their keys however many a table has.
    DELETE FROM mails
    WHERE id = ANY (
        ARRAY(
            SELECT mails.id
            FROM mails
            WHERE mails.id = ANY (
                    ARRAY(SELECT first.id FROM mails AS first ORDER BY first.id LIMIT p_at_most)
                )
                AND mails.created_at < now() - make_interval(days => p_mail_days)
            FOR UPDATE SKIP LOCKED
        )
    );
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_deleted := v_deleted || v_rows;
    DELETE FROM mail_links
    WHERE token_hash = ANY (
        ARRAY(
            SELECT token_hash
            FROM mail_links
            WHERE expires_at < now()
            ORDER BY expires_at
            LIMIT p_at_most
            FOR UPDATE SKIP LOCKED
        )
    );
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_deleted := v_deleted || v_rows;
    DELETE FROM password_codes
    WHERE user_id = ANY (
        ARRAY(
            SELECT user_id
            FROM password_codes
            WHERE expires_at < now()
            ORDER BY expires_at
            LIMIT p_at_most
            FOR UPDATE SKIP LOCKED
        )
    );
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_deleted := v_deleted || v_rows;
    DELETE FROM sessions
    WHERE token_hash = ANY (
        ARRAY(
            SELECT token_hash
            FROM sessions
            WHERE expires_at < now()
            ORDER BY expires_at
            LIMIT p_at_most
            FOR UPDATE SKIP LOCKED
        )
    );
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_deleted := v_deleted || v_rows;
    DELETE FROM known_devices
    WHERE (token_hash, user_id) IN (
        SELECT token_hash, user_id
        FROM known_devices
        WHERE last_used_at < now() - interval '180 days'
        ORDER BY last_used_at
        LIMIT p_at_most
        FOR UPDATE SKIP LOCKED
    );
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_deleted := v_deleted || v_rows;
    DELETE FROM sign_in_failures
    WHERE id = ANY (
        ARRAY(
            SELECT id
            FROM sign_in_failures
            WHERE at < v_failures_counted
            ORDER BY at
            LIMIT p_at_most
            FOR UPDATE SKIP LOCKED
        )
    );
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_deleted := v_deleted || v_rows;
    DELETE FROM sign_ups
    WHERE id = ANY (
        ARRAY(
            SELECT id
            FROM sign_ups
            WHERE at < v_counted
            ORDER BY at
            LIMIT p_at_most
            FOR UPDATE SKIP LOCKED
        )
    );
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_deleted := v_deleted || v_rows;
    DELETE FROM password_reset_requests
    WHERE id = ANY (
        ARRAY(
            SELECT id
            FROM password_reset_requests
            WHERE at < v_counted
            ORDER BY at
            LIMIT p_at_most
            FOR UPDATE SKIP LOCKED
        )
    );
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    RETURN (SELECT max(deleted) FROM unnest(v_deleted || v_rows) AS deleted);
END;
$$;
COMMENT ON FUNCTION purge IS
    'Deletes from each table at most p_at_most rows that are over: mails p_mail_days days and '
    'notices p_notice_days days after they were written, expired links, codes for passwords and '
    'sessions, browsers that were not used for 180 days, and failed sign-ins, sign-ups and requests '
    'for a new password that no longer count. Returns how many it has deleted from the table of '
    'which it deleted most: fewer than p_at_most means that nothing is left, or that another '
    'session is at it.';

GRANT EXECUTE ON FUNCTION change_own_password TO ticketing_api;
GRANT EXECUTE ON FUNCTION change_own_name TO ticketing_api;
GRANT EXECUTE ON FUNCTION create_password_code TO ticketing_api;
GRANT EXECUTE ON FUNCTION find_password_code TO ticketing_api;
GRANT EXECUTE ON FUNCTION use_password_code TO ticketing_api;

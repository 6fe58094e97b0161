-- Takes 0110_own_passwords back.

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
    'notices p_notice_days days after they were written, expired links and sessions, browsers '
    'that were not used for 180 days, and failed sign-ins, sign-ups and requests for a new password that no longer count. Returns how many it '
    'has deleted from the table of which it deleted most: fewer than p_at_most means that nothing '
    'is left, or that another session is at it.';

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
    v_phone text;
BEGIN
    IF v_link.user_id IS NULL THEN
        RETURN false;
    END IF;
    UPDATE users
    SET password_hash = p_password_hash
    WHERE id = v_link.user_id
    RETURNING phone INTO v_phone;
    -- Anyone who signed in with the old password is signed out, and other links for a new one end.
    DELETE FROM sessions WHERE user_id = v_link.user_id;
    PERFORM end_mails(v_link.user_id, '{password-reset}', 'the password was reset');
    DELETE FROM mail_links WHERE user_id = v_link.user_id AND purpose = 'password-reset';
    -- Failures with the forgotten password shall not keep the user from signing in.
    DELETE FROM sign_in_failures WHERE phone = v_phone;
    INSERT INTO activity (actor_id, action, user_id, detail)
    VALUES (
        v_link.user_id, 'user-changed', v_link.user_id, jsonb_build_object('new_password', true)
    );
    RETURN true;
END;
$$;
COMMENT ON FUNCTION reset_password IS
    'Sets the password of the user whom a link was mailed to, ends all sessions of that user, and '
    'returns whether the link was valid. A link is valid once.';

DROP FUNCTION use_password_code;
DROP FUNCTION find_password_code;
DROP FUNCTION create_password_code;
DROP FUNCTION change_own_name;
DROP FUNCTION change_own_password;
DROP FUNCTION replace_password;
DROP FUNCTION forget_sign_in_failures;
DROP TABLE password_codes;

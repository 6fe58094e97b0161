-- New passwords that users choose themselves. For those who have forgotten theirs, a link is mailed
-- to the verified address of the account.

CREATE FUNCTION request_password_reset(
    p_account text,
    p_address inet
)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_window constant interval := interval '15 minutes';
    v_network constant inet := client_network(p_address);
    v_retry_at timestamptz;
BEGIN
    -- Requests from one network, and those for one account, are counted one at a time.
    PERFORM pg_advisory_xact_lock(23, hashtext(host(v_network)));
    PERFORM pg_advisory_xact_lock(24, hashtext(p_account));
    DELETE FROM password_reset_requests
    WHERE id IN (
        SELECT id
        FROM password_reset_requests
        WHERE at < now() - v_window
        ORDER BY at
        LIMIT 100
        FOR UPDATE SKIP LOCKED
    );
    SELECT max(limiting.at) + v_window
    INTO v_retry_at
    FROM (
        (
            SELECT at FROM password_reset_requests
            WHERE network = v_network AND account = p_account
            ORDER BY at DESC OFFSET 9 LIMIT 1
        )
        UNION ALL
        (
            SELECT at FROM password_reset_requests
            WHERE network = v_network
            ORDER BY at DESC OFFSET 29 LIMIT 1
        )
    ) AS limiting;
    IF v_retry_at > clock_timestamp() THEN
        PERFORM raise_problem(
            'TK019',
            jsonb_build_object(
                'retry_after', ceil(extract(epoch FROM v_retry_at - clock_timestamp()))::integer
            )
        );
    END IF;
    INSERT INTO password_reset_requests (account, network) VALUES (p_account, v_network);
    -- The answer is the same for an account that does not exist, and takes as long.
    INSERT INTO mails (user_id, address, purpose)
    SELECT users.id, users.email, 'password-reset'
    FROM users
    WHERE (
            (phone = p_account AND phone_lost_at IS NULL)
            OR lower(email) = p_account
        )
        AND email_verified_at IS NOT NULL
        AND (
            SELECT count(*)
            FROM mails
            WHERE user_id = users.id
                AND purpose = 'password-reset'
                AND created_at > now() - interval '1 hour'
        ) < 3
    -- The address of a user who is being erased at this moment is not written down again.
    FOR KEY SHARE OF users;
END;
$$;
COMMENT ON FUNCTION request_password_reset IS
    'Has a link for a new password mailed to each account with this phone or, in small letters, '
    'this mail address, if the address is verified and the account got fewer than three such mails '
    'within an hour. It does not say whether it did. Raises TK019 (retry_after: seconds) after ten '
    'requests for an account from one network, or thirty from one network, in 15 minutes.';

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

CREATE FUNCTION reset_password(
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

-- The address to which a user wants mail, and the link that proves that the user reads it.

CREATE FUNCTION end_mails(
    p_user_id bigint,
    p_purposes mail_purpose[],
    p_reason text
)
RETURNS void
LANGUAGE sql
VOLATILE
SET search_path = public, pg_temp
AS $$
    UPDATE mails
    SET next_attempt_at = NULL,
        given_up_at = clock_timestamp(),
        last_error = p_reason
    WHERE user_id = p_user_id
        AND purpose = ANY (p_purposes)
        AND next_attempt_at IS NOT NULL;
$$;
COMMENT ON FUNCTION end_mails IS
    'Gives up the mails of a user that are not sent yet and have one of these purposes.';

CREATE FUNCTION use_link(
    p_token_hash bytea,
    p_purpose link_purpose
)
RETURNS mail_links
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_link mail_links;
BEGIN
    -- The user is locked first, as in set_email(), so that the two cannot wait for each other.
    PERFORM
    FROM users
    WHERE id = (SELECT user_id FROM mail_links WHERE token_hash = p_token_hash)
    FOR NO KEY UPDATE;
    DELETE FROM mail_links
    WHERE token_hash = p_token_hash
        AND purpose = p_purpose
        AND expires_at > clock_timestamp()
    RETURNING * INTO v_link;
    RETURN v_link;
END;
$$;
COMMENT ON FUNCTION use_link IS
    'Uses a link up and returns it. NULL: it was used, has expired, or never was one for this '
    'purpose.';

CREATE FUNCTION send_verification(p_user_id bigint)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_window constant interval := interval '1 hour';
    v_user users;
    v_retry_at timestamptz;
BEGIN
    SELECT users.* INTO v_user FROM users WHERE id = p_user_id FOR NO KEY UPDATE;
    IF v_user.email IS NULL OR v_user.email_verified_at IS NOT NULL THEN
        RETURN;
    END IF;
    -- Accounts are free, so mails to one address are counted for all users together.
    PERFORM pg_advisory_xact_lock(21, hashtext(v_user.email));
    SELECT max(limiting.created_at) + v_window
    INTO v_retry_at
    FROM (
        (
            SELECT created_at FROM mails
            WHERE user_id = p_user_id AND purpose = 'email-verification'
            ORDER BY created_at DESC OFFSET 4 LIMIT 1
        )
        UNION ALL
        (
            SELECT created_at FROM mails
            WHERE address = v_user.email AND purpose = 'email-verification'
            ORDER BY created_at DESC OFFSET 2 LIMIT 1
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
    PERFORM end_mails(p_user_id, '{email-verification}', 'another one was asked for');
    INSERT INTO mails (user_id, address, purpose)
    VALUES (p_user_id, v_user.email, 'email-verification');
END;
$$;
COMMENT ON FUNCTION send_verification IS
    'Has a mail sent with the link that verifies the user''s address, unless it is verified or '
    'there is none. Raises TK019 (retry_after: seconds) after five such mails for a user, or three '
    'to an address, in an hour.';

CREATE FUNCTION set_email(
    p_user_id bigint,
    p_address text,
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
    IF p_actor_id IS NOT NULL AND NOT may_act_for(p_user_id, p_actor_id) THEN
        PERFORM raise_problem('TK020');
    END IF;
    SELECT users.* INTO v_user FROM users WHERE id = p_user_id FOR NO KEY UPDATE;
    IF v_user.id IS NULL THEN
        PERFORM raise_problem('TK008');
    ELSIF v_user.erased_at IS NOT NULL THEN
        PERFORM raise_problem('TK053');
    END IF;
    IF v_user.email IS NOT DISTINCT FROM p_address THEN
        RETURN v_user;
    END IF;
    UPDATE users
    SET email = p_address,
        email_verified_at = NULL
    WHERE id = p_user_id
    RETURNING * INTO v_user;
    -- Mails first: a link that a process makes at this moment is then found as well.
    PERFORM end_mails(
        p_user_id, '{notice,email-verification,password-reset}', 'the address was changed'
    );
    DELETE FROM mail_links WHERE user_id = p_user_id;
    INSERT INTO activity (actor_id, action, user_id, detail)
    VALUES (p_actor_id, 'user-changed', p_user_id, jsonb_build_object('new_email', true));
    PERFORM send_verification(p_user_id);
    RETURN v_user;
END;
$$;
COMMENT ON FUNCTION set_email IS
    'Changes a user''s address, or removes it when p_address is NULL, and returns the row. The new '
    'address gets one mail with a link that verifies it, and nothing else until then; links and '
    'mails to the old address end. The same address changes nothing. Raises TK008 when the user is '
    'unknown, TK053 when the user is erased, TK019 after too many such mails, TK020 when the actor '
    'is neither the user nor an admin.';

CREATE FUNCTION verify_email(p_token_hash bytea)
RETURNS boolean
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_link mail_links := use_link(p_token_hash, 'email-verification');
BEGIN
    UPDATE users
    SET email_verified_at = clock_timestamp()
    WHERE id = v_link.user_id
        AND email = v_link.address;
    RETURN FOUND;
END;
$$;
COMMENT ON FUNCTION verify_email IS
    'Verifies the address that a link was mailed to, and returns whether the link was valid.';

CREATE FUNCTION set_optional_mail(
    p_user_id bigint,
    p_optional_mail boolean
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
    UPDATE users
    SET optional_mail = p_optional_mail
    WHERE id = p_user_id
    RETURNING * INTO v_user;
    UPDATE mails
    SET next_attempt_at = NULL,
        given_up_at = clock_timestamp(),
        last_error = 'the user wants no optional mail'
    FROM notices
    WHERE mails.user_id = p_user_id
        AND mails.next_attempt_at IS NOT NULL
        AND notices.id = mails.notice_id
        AND is_optional_mail(notices.kind)
        AND NOT p_optional_mail;
    RETURN v_user;
END;
$$;
COMMENT ON FUNCTION set_optional_mail IS
    'Says whether a user wants mail that is not essential, and returns the row. Such mails that '
    'are not sent yet are given up when the user does not.';

CREATE FUNCTION unsubscribe(p_token_hash bytea)
RETURNS boolean
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_user_id bigint;
BEGIN
    -- The link stays: mail programs and people open it more than once.
    SELECT user_id
    INTO v_user_id
    FROM mail_links
    WHERE token_hash = p_token_hash
        AND purpose = 'unsubscription'
        AND expires_at > clock_timestamp();
    IF v_user_id IS NULL THEN
        RETURN false;
    END IF;
    PERFORM set_optional_mail(v_user_id, false);
    RETURN true;
END;
$$;
COMMENT ON FUNCTION unsubscribe IS
    'Ends optional mail for the user whom a link was mailed to, and returns whether the link was '
    'valid. It stays valid.';

-- Mails are sent: claims, links with secrets, addresses, new passwords and reminders.
-- depends: 0055_index_category

CREATE TYPE link_purpose AS ENUM (
    'email-verification',
    'password-reset',
    'unsubscription'
);
COMMENT ON TYPE link_purpose IS 'What a link in a mail is for.';

-- mail_links: the links in mails that prove who opens them. The program that sends a mail makes the
-- token in its link and tells the database a hash of it, so that reading this table, or a dump of
-- it, lets nobody open a link.

CREATE TABLE mail_links (
    token_hash bytea        NOT NULL,
    user_id    bigint       NOT NULL,
    purpose    link_purpose NOT NULL,
    address    text COLLATE "C" NOT NULL,
    expires_at timestamptz  NOT NULL,
    CONSTRAINT mail_links_pkey PRIMARY KEY (token_hash),
    CONSTRAINT mail_links_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT mail_links_token_hash_is_sha256 CHECK (octet_length(token_hash) = 32)
);

-- claim_mails(): expired links are removed when new ones come.
CREATE INDEX mail_links_by_expires_at ON mail_links (expires_at);

-- set_email() and reset_password() end the links of a user.
CREATE INDEX mail_links_by_user ON mail_links (user_id);

COMMENT ON TABLE mail_links IS
    'The links in mails that are still valid. One that was used is deleted, unless it may be used '
    'again.';
COMMENT ON COLUMN mail_links.token_hash IS
    'SHA-256 of the token in the link; the token itself is not stored.';
COMMENT ON COLUMN mail_links.address IS 'The address that the link was mailed to.';
COMMENT ON COLUMN mail_links.expires_at IS 'When the link ends to be valid.';
COMMENT ON INDEX mail_links_by_expires_at IS 'For removing expired links.';
COMMENT ON INDEX mail_links_by_user IS 'For ending all links of a user.';

-- event_reminders: the dates of events of which all guests were reminded. An event that is moved
-- has another date, and its guests are reminded of that as well.

CREATE TABLE event_reminders (
    event_id  bigint         NOT NULL,
    date_time timestamptz(0) NOT NULL,
    CONSTRAINT event_reminders_pkey PRIMARY KEY (event_id, date_time)
);

COMMENT ON TABLE event_reminders IS
    'The dates of events of which guests were reminded, until the date is past.';
COMMENT ON COLUMN event_reminders.event_id IS
    'The event. No foreign key: it would lock the row that every sale updates.';
COMMENT ON COLUMN event_reminders.date_time IS 'When the event was to start.';

-- How mails are taken and finished. No transaction is open while a mail server is talked to: a
-- claim is a time until which no other process tries. A process that dies between claim and finish
-- leaves a mail that is due again after that time, so a mail may arrive twice, with the same
-- Message-ID.

CREATE FUNCTION is_optional_mail(p_kind notice_kind)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN p_kind IN ('event-message', 'event-reminder');
COMMENT ON FUNCTION is_optional_mail IS
    'Whether a mail with a notice of this kind is sent only to users who want optional mail.';

CREATE FUNCTION link_of_mail(
    p_purpose mail_purpose,
    p_kind notice_kind
)
RETURNS link_purpose
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE
    WHEN p_purpose = 'email-verification' THEN 'email-verification'::link_purpose
    WHEN p_purpose = 'password-reset' THEN 'password-reset'
    WHEN is_optional_mail(p_kind) THEN 'unsubscription'
END;
COMMENT ON FUNCTION link_of_mail IS
    'What the secret link in a mail is for. NULL: the mail has no secret link.';

CREATE FUNCTION claim_mails(
    p_token_hashes bytea[],
    p_lease interval
)
RETURNS TABLE (
    id bigint,
    token_no integer,
    address text,
    purpose mail_purpose,
    link link_purpose,
    created_at timestamptz,
    user_id bigint,
    user_name text,
    kind notice_kind,
    event_id bigint,
    event_title text,
    booking_id bigint,
    notice text
)
LANGUAGE sql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    WITH due AS (
        SELECT mails.id
        FROM mails
        WHERE next_attempt_at <= clock_timestamp()
            AND NOT EXISTS (SELECT FROM fact_cursors WHERE paused)
        ORDER BY next_attempt_at, mails.id
        LIMIT cardinality(p_token_hashes)
        FOR UPDATE SKIP LOCKED
    ),
    claimed AS (
        UPDATE mails
        SET attempts = attempts + 1,
            next_attempt_at = clock_timestamp() + p_lease
        FROM due
        WHERE mails.id = due.id
        RETURNING mails.*
    ),
    written AS (
        SELECT
            claimed.*,
            notices,
            notices.kind,
            notices.event_id,
            notices.booking_id,
            link_of_mail(claimed.purpose, notices.kind) AS link,
            (row_number() OVER (ORDER BY claimed.id))::integer AS token_no
        FROM claimed
        LEFT JOIN notices ON notices.id = claimed.notice_id
    ),
    expired AS (
        DELETE FROM mail_links
        WHERE token_hash IN (
            SELECT token_hash
            FROM mail_links
            WHERE expires_at < now()
                AND EXISTS (SELECT FROM due)
            ORDER BY expires_at
            LIMIT 100
            FOR UPDATE SKIP LOCKED
        )
    ),
    linked AS (
        INSERT INTO mail_links (token_hash, user_id, purpose, address, expires_at)
        SELECT
            p_token_hashes[token_no],
            written.user_id,
            written.link,
            written.address,
            clock_timestamp() + CASE written.link
                WHEN 'email-verification' THEN interval '2 days'
                WHEN 'password-reset' THEN interval '15 minutes'
                ELSE interval '90 days'
            END
        FROM written
        WHERE written.link IS NOT NULL
    )
    SELECT
        written.id,
        written.token_no,
        written.address,
        written.purpose,
        written.link,
        written.created_at,
        written.user_id,
        users.name,
        written.kind,
        written.event_id,
        events.title,
        written.booking_id,
        CASE WHEN written.event_id IS NOT NULL THEN notice_text(written.notices) END
    FROM written
    JOIN users ON users.id = written.user_id
    LEFT JOIN events ON events.id = written.event_id
    ORDER BY written.id;
$$;
COMMENT ON FUNCTION claim_mails IS
    'Takes mails that are due, at most one for each token whose SHA-256 the caller gives. Nobody '
    'else takes them for the time of p_lease. token_no says which of the tokens belongs into the '
    'link of a mail, and link what it is for (NULL: no secret link): a verification is valid for '
    'two days, a new password for 15 minutes, an unsubscription for 90 days. No row: nothing is '
    'due, or facts are paused.';

CREATE FUNCTION next_mail_attempt(p_attempts integer)
RETURNS timestamptz
LANGUAGE sql
VOLATILE
RETURN clock_timestamp() + (
    ARRAY[
        interval '1 minute', '5 minutes', '30 minutes', '2 hours', '6 hours', '15 hours'
    ]
)[p_attempts];
COMMENT ON FUNCTION next_mail_attempt IS
    'When to try again after that many attempts, the last a day after the first. NULL: never.';

CREATE FUNCTION finish_mail(
    p_mail_id bigint,
    p_error text
)
RETURNS void
LANGUAGE sql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    WITH finished AS (
        SELECT
            id,
            CASE WHEN p_error IS NOT NULL THEN next_mail_attempt(attempts) END AS next_attempt_at
        FROM mails
        WHERE id = p_mail_id
            -- Another process may have sent it after the time of the claim.
            AND mails.next_attempt_at IS NOT NULL
        FOR NO KEY UPDATE
    )
    UPDATE mails
    SET next_attempt_at = finished.next_attempt_at,
        sent_at = CASE WHEN p_error IS NULL THEN clock_timestamp() END,
        given_up_at = CASE
            WHEN p_error IS NOT NULL AND finished.next_attempt_at IS NULL THEN clock_timestamp()
        END,
        last_error = p_error
    FROM finished
    WHERE mails.id = finished.id;
$$;
COMMENT ON FUNCTION finish_mail IS
    'Records that the mail server took a mail, or why it did not: then it is tried again, seven '
    'times in a day. p_error NULL: it is sent.';

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
    'unknown, TK019 after too many such mails, TK020 when the actor is neither the user nor an '
    'admin.';

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

-- A new password for people who have forgotten theirs: a link is mailed to the verified address of
-- the account.

CREATE FUNCTION request_password_reset(
    p_phone text,
    p_address inet
)
RETURNS void
LANGUAGE sql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    -- It counts as a failed attempt to sign in, so that both have one limit.
    SELECT FROM begin_sign_in(p_phone, p_address);
    -- The answer is the same for a phone without an account, and takes as long.
    INSERT INTO mails (user_id, address, purpose)
    SELECT id, email, 'password-reset'
    FROM users
    WHERE phone = p_phone
        AND email_verified_at IS NOT NULL
        AND (
            SELECT count(*)
            FROM mails
            WHERE user_id = users.id
                AND purpose = 'password-reset'
                AND created_at > now() - interval '1 hour'
        ) < 3;
$$;
COMMENT ON FUNCTION request_password_reset IS
    'Has a link for a new password mailed to the account with this phone, if it has a verified '
    'address and got fewer than three such mails within an hour. It does not say whether it did. '
    'Raises TK019 (retry_after: seconds) after too many requests and failed sign-ins: see '
    'begin_sign_in().';

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

-- write_reminders: tells guests of their event a day before it starts. API processes call it in a
-- loop; when nothing is due, it reads the few events of the next day and no booking.

CREATE FUNCTION write_reminders()
RETURNS boolean
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
    v_event record;
BEGIN
    -- One session at a time: the others would only wait for it.
    IF NOT pg_try_advisory_xact_lock(22, 0)
        OR EXISTS (SELECT FROM fact_cursors WHERE paused)
    THEN
        RETURN false;
    END IF;
    -- One event for each call, so that a transaction stays short.
    SELECT id, date_time
    INTO v_event
    FROM events
    WHERE status = 'active'
        AND date_time > now()
        AND date_time <= now() + interval '24 hours'
        AND (id, date_time) NOT IN (SELECT event_id, date_time FROM event_reminders)
    ORDER BY date_time, id
    LIMIT 1;
    IF v_event.id IS NULL THEN
        RETURN false;
    END IF;
    DELETE FROM event_reminders WHERE date_time < now();
    INSERT INTO event_reminders (event_id, date_time) VALUES (v_event.id, v_event.date_time);
    PERFORM tell_customers(
        ARRAY(
            SELECT
                ROW(
                    NULL,
                    user_id,
                    'event-reminder',
                    v_event.id,
                    NULL,
                    'reminder/' || v_event.id || '/' || to_char(
                        timezone('UTC', v_event.date_time), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'
                    ),
                    '{}',
                    clock_timestamp(),
                    NULL
                )::notices
            FROM bookings
            WHERE event_id = v_event.id
                AND status = 'confirmed'
            GROUP BY user_id
            -- Anyone who booked within the last day knows when the event is.
            HAVING min(booking_date) <= v_event.date_time - interval '24 hours'
        )
    );
    RETURN true;
END;
$$;
COMMENT ON FUNCTION write_reminders IS
    'Reminds the guests of the next event that starts within 24 hours, once for each date of an '
    'event, except those who booked within these hours. Returns whether there was one; '
    'false also when another session is at it, or when facts are paused.';

GRANT EXECUTE ON FUNCTION claim_mails TO ticketing_api;
GRANT EXECUTE ON FUNCTION finish_mail TO ticketing_api;
GRANT EXECUTE ON FUNCTION set_email TO ticketing_api;
GRANT EXECUTE ON FUNCTION send_verification TO ticketing_api;
GRANT EXECUTE ON FUNCTION verify_email TO ticketing_api;
GRANT EXECUTE ON FUNCTION set_optional_mail TO ticketing_api;
GRANT EXECUTE ON FUNCTION unsubscribe TO ticketing_api;
GRANT EXECUTE ON FUNCTION request_password_reset TO ticketing_api;
GRANT EXECUTE ON FUNCTION reset_password TO ticketing_api;
GRANT EXECUTE ON FUNCTION write_reminders TO ticketing_api;

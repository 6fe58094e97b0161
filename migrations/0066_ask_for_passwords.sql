-- A new password can be asked for by a mail address as well, with a limit apart from that of failed
-- sign-ins, and a user who is signed in can confirm a change by the password.
-- depends: 0065_index_event_messages

CREATE TABLE password_reset_requests (
    id      bigint      GENERATED ALWAYS AS IDENTITY,
    account text COLLATE "C" NOT NULL,
    network inet        NOT NULL,
    at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT password_reset_requests_pkey PRIMARY KEY (id)
);

-- request_password_reset(): recent requests from a network, and of them those for an account.
CREATE INDEX password_reset_requests_by_network ON password_reset_requests (network, at);

-- request_password_reset(): old ones go when new ones come.
CREATE INDEX password_reset_requests_by_at ON password_reset_requests (at);

COMMENT ON TABLE password_reset_requests IS
    'Recent requests for a new password, for limiting them; rows older than 15 minutes mean '
    'nothing and are removed.';
COMMENT ON COLUMN password_reset_requests.account IS
    'The phone or the mail address that was given, whether or not a user has it.';
COMMENT ON COLUMN password_reset_requests.network IS
    'Where the request came from: an IPv4 address, or the /64 network of an IPv6 address.';
COMMENT ON INDEX password_reset_requests_by_network IS
    'For counting recent requests from a network.';
COMMENT ON INDEX password_reset_requests_by_at IS 'For removing old rows.';

-- Its parameter gets another name. No API process of an earlier release calls it.
-- squawk-ignore ban-drop-function
DROP FUNCTION request_password_reset;

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
    WHERE (phone = p_account OR lower(email) = p_account)
        AND email_verified_at IS NOT NULL
        AND (
            SELECT count(*)
            FROM mails
            WHERE user_id = users.id
                AND purpose = 'password-reset'
                AND created_at > now() - interval '1 hour'
        ) < 3;
END;
$$;
COMMENT ON FUNCTION request_password_reset IS
    'Has a link for a new password mailed to each account with this phone or, in small letters, '
    'this mail address, if the address is verified and the account got fewer than three such mails '
    'within an hour. It does not say whether it did. Raises TK019 (retry_after: seconds) after ten '
    'requests for an account from one network, or thirty from one network, in 15 minutes.';

CREATE FUNCTION confirm_password(
    p_attempt_id bigint,
    p_user_id bigint,
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
    -- The password may have been changed since it was verified.
    PERFORM
    FROM users
    WHERE id = p_user_id
        AND password_hash = p_password_hash
    FOR SHARE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    DELETE FROM sign_in_failures WHERE id = p_attempt_id;
    RETURN true;
END;
$$;
COMMENT ON FUNCTION confirm_password IS
    'Takes back the failure that a right password counted as, and returns true. Returns false and '
    'changes nothing when the user''s password hash is no longer the one that was verified.';

GRANT EXECUTE ON FUNCTION request_password_reset TO ticketing_api;
GRANT EXECUTE ON FUNCTION confirm_password TO ticketing_api;

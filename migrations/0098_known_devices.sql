-- An account has a limit on guessing its password from many networks, which slows strangers and no
-- browser that has signed in to it before. A verified mail address signs in as well.
-- depends: 0097_phone_codes

CREATE TABLE known_devices (
    token_hash   bytea       NOT NULL,
    user_id      bigint      NOT NULL,
    network      inet        NOT NULL,
    last_used_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT known_devices_pkey PRIMARY KEY (token_hash, user_id),
    CONSTRAINT known_devices_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT known_devices_token_hash_is_sha256 CHECK (octet_length(token_hash) = 32)
);

-- count_sign_in_attempt(): whether a user has signed in from a network. remember_device(): the
-- oldest devices of a user.
CREATE INDEX known_devices_by_user ON known_devices (user_id, last_used_at);

-- remember_device(): devices that were not used for long are removed when new ones come.
CREATE INDEX known_devices_by_last_used_at ON known_devices (last_used_at);

COMMENT ON TABLE known_devices IS
    'The browsers that have signed in to an account within 180 days. A new password of the account '
    'removes them.';
COMMENT ON COLUMN known_devices.token_hash IS
    'SHA-256 of the token in the browser''s cookie; the token itself is not stored. It signs '
    'nobody in.';
COMMENT ON COLUMN known_devices.network IS
    'Where the last sign-in came from: an IPv4 address, or the /64 network of an IPv6 address.';
COMMENT ON COLUMN known_devices.last_used_at IS 'When this browser last signed in to the account.';
COMMENT ON INDEX known_devices_by_user IS 'For the devices of a user.';
COMMENT ON INDEX known_devices_by_last_used_at IS 'For removing old rows.';

ALTER TABLE sign_in_failures
    -- squawk-ignore ban-drop-not-null
    ALTER COLUMN phone DROP NOT NULL,
    ADD COLUMN email text,
    ADD COLUMN device_hash bytea,
    ADD CONSTRAINT sign_in_failures_phone_or_email CHECK (
        num_nonnulls(phone, email) = 1
    ) NOT VALID;

COMMENT ON TABLE sign_in_failures IS
    'Recent failed sign-ins, for limiting them; rows older than an hour mean nothing and are '
    'removed.';
COMMENT ON COLUMN sign_in_failures.phone IS
    'The phone that was tried, whether or not a user has it. NULL: a mail address was tried.';
COMMENT ON COLUMN sign_in_failures.email IS
    'The mail address that was tried, in small letters, whether or not a user has it. NULL: a '
    'phone was tried.';
COMMENT ON COLUMN sign_in_failures.device_hash IS
    'The browser that tried, if it is a known device of the account: it has a limit of its own. '
    'NULL: it is not.';
COMMENT ON COLUMN sign_in_trouble.phone IS
    'The phone number that was tried, masked. NULL: mail addresses, all of them together.';
COMMENT ON COLUMN sign_in_trouble.user_id IS
    'NULL: nobody has that number, or mail addresses were tried.';

CREATE FUNCTION user_of_account(p_account text)
RETURNS users
LANGUAGE plpgsql
STABLE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_users users[];
BEGIN
    IF position('@' IN p_account) = 0 THEN
        RETURN (
            SELECT users
            FROM users
            WHERE phone = p_account
                AND phone_lost_at IS NULL
                AND disabled_at IS NULL
        );
    END IF;
    SELECT array_agg(users ORDER BY phone_lost_at NULLS LAST)
    INTO v_users
    FROM users
    WHERE lower(email) = p_account
        AND email_verified_at IS NOT NULL
        AND disabled_at IS NULL;
    -- Several users may have the same address. Those who have their number sign in with it.
    IF cardinality(v_users) > 1
        AND ((v_users[1]).phone_lost_at IS NULL OR (v_users[2]).phone_lost_at IS NOT NULL)
    THEN
        RETURN NULL;
    END IF;
    RETURN v_users[1];
END;
$$;
COMMENT ON FUNCTION user_of_account IS
    'The user who signs in with this phone or, in small letters, this verified mail address. Of '
    'several users with the address it is the only one who has lost the number. NULL: there is no '
    'such user, it is not clear who is meant, or the account is disabled: that is answered like an '
    'unknown phone, after the same time.';

CREATE FUNCTION count_sign_in_attempt(
    p_account text,
    p_user_id bigint,
    p_address inet,
    p_device_hash bytea
)
RETURNS bigint
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_window constant interval := interval '15 minutes';
    v_account_window constant interval := interval '1 hour';
    v_network constant inet := client_network(p_address);
    v_device_hash constant bytea := (
        SELECT token_hash
        FROM known_devices
        WHERE token_hash = p_device_hash
            AND user_id = p_user_id
            AND last_used_at > now() - interval '180 days'
    );
    v_is_stranger constant boolean := v_device_hash IS NULL AND NOT EXISTS (
        SELECT
        FROM known_devices
        WHERE user_id = p_user_id
            AND network = v_network
            AND last_used_at > now() - interval '30 days'
    );
    v_attempt_id bigint;
    v_retry_at timestamptz;
BEGIN
    -- Attempts from one network, and those for one account, are counted one at a time; the locks
    -- end with this transaction. Locks of two integers are apart from those of one bigint, which
    -- idempotency keys take.
    PERFORM pg_advisory_xact_lock(19, hashtext(host(v_network)));
    PERFORM pg_advisory_xact_lock(43, hashtext(p_account));
    DELETE FROM sign_in_failures
    WHERE id IN (
        SELECT id
        FROM sign_in_failures
        WHERE at < now() - v_account_window
        ORDER BY at
        LIMIT 100
        FOR UPDATE SKIP LOCKED
    );

    -- When another attempt is allowed: once the tenth last failure for the account from this
    -- network, and the hundredth last from it, are old. A device that the account knows has ten
    -- failures of its own.
    SELECT max(limiting.retry_at)
    INTO v_retry_at
    FROM (
        (
            SELECT at + v_window AS retry_at FROM sign_in_failures
            WHERE coalesce(phone, email) = p_account
                AND device_hash IS NOT DISTINCT FROM v_device_hash
                AND (address = v_network OR v_device_hash IS NOT NULL)
            ORDER BY at DESC OFFSET 9 LIMIT 1
        )
        UNION ALL
        (
            SELECT at + v_window FROM sign_in_failures
            WHERE address = v_network
                AND device_hash IS NULL
                AND v_device_hash IS NULL
            ORDER BY at DESC OFFSET 99 LIMIT 1
        )
        UNION ALL
        (
            -- After fifty failures within an hour all strangers together have one attempt in thirty
            -- seconds.
            SELECT max(recent.at) + interval '30 seconds'
            FROM (
                SELECT at FROM sign_in_failures
                WHERE coalesce(phone, email) = p_account
                    AND device_hash IS NULL
                    AND at > now() - v_account_window
                    AND v_is_stranger
                ORDER BY at DESC LIMIT 50
            ) AS recent
            HAVING count(*) = 50
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

    INSERT INTO sign_in_failures (phone, email, address, device_hash)
    VALUES (
        CASE WHEN position('@' IN p_account) = 0 THEN p_account END,
        CASE WHEN position('@' IN p_account) > 0 THEN p_account END,
        v_network,
        v_device_hash
    )
    RETURNING id INTO v_attempt_id;
    RETURN v_attempt_id;
END;
$$;
COMMENT ON FUNCTION count_sign_in_attempt IS
    'Counts an attempt with the password of an account as failed until it succeeds, and returns '
    'its id. p_account: as for user_of_account(); p_user_id: that user, or NULL. p_device_hash: of '
    'the token in the cookie of a known device; NULL: there is none. Raises TK019 (retry_after: '
    'seconds) after ten failures for an account from one network (client_network), or a hundred '
    'from one network, in 15 minutes; for a known device after ten of its own. After fifty '
    'failures for an account within an hour, networks and browsers that it does not know have one '
    'attempt in 30 seconds, all together.';

CREATE FUNCTION begin_sign_in(
    p_account text,
    p_address inet,
    p_device_hash bytea
)
RETURNS TABLE (
    attempt_id bigint,
    user_id bigint,
    phone text,
    password_hash text
)
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_user users := user_of_account(p_account);
BEGIN
    RETURN QUERY
    SELECT
        count_sign_in_attempt(p_account, v_user.id, p_address, p_device_hash),
        v_user.id,
        v_user.phone,
        v_user.password_hash;
END;
$$;
COMMENT ON FUNCTION begin_sign_in(text, inet, bytea) IS
    'Counts an attempt to sign in as failed until it succeeds, and returns the user of the account '
    '(user_of_account), if there is one. Raises TK019 as count_sign_in_attempt() does.';

CREATE OR REPLACE FUNCTION begin_sign_in(
    p_phone text,
    p_address inet
)
RETURNS TABLE (
    attempt_id bigint,
    user_id bigint,
    password_hash text
)
LANGUAGE sql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
    SELECT attempt_id, user_id, password_hash FROM begin_sign_in(p_phone, p_address, NULL);
$$;
COMMENT ON FUNCTION begin_sign_in(text, inet) IS
    'For API processes that know no devices, while they are being replaced.';

CREATE FUNCTION begin_confirmation(
    p_user_id bigint,
    p_address inet,
    p_device_hash bytea
)
RETURNS TABLE (
    attempt_id bigint,
    password_hash text
)
LANGUAGE sql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
    SELECT
        count_sign_in_attempt(
            -- Failures shall not count against another user who has the number now.
            CASE
                WHEN phone_lost_at IS NOT NULL AND email IS NOT NULL THEN lower(email)
                ELSE phone
            END,
            id,
            p_address,
            p_device_hash
        ),
        users.password_hash
    FROM users
    WHERE id = p_user_id;
$$;
COMMENT ON FUNCTION begin_confirmation IS
    'For a user who is signed in and gives the password again: counts the attempt as failed until '
    'it succeeds, and returns the hash. Raises TK019 as count_sign_in_attempt() does.';

CREATE FUNCTION remember_device(
    p_user_id bigint,
    p_old_hash bytea,
    p_new_hash bytea,
    p_address inet
)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
BEGIN
    -- The token is a new one at each sign-in: a cookie that somebody else has put into this browser
    -- becomes worthless. Several people may use the browser, and it stays known to each of them.
    UPDATE known_devices SET token_hash = p_new_hash WHERE token_hash = p_old_hash;
    INSERT INTO known_devices (token_hash, user_id, network)
    VALUES (p_new_hash, p_user_id, client_network(p_address))
    ON CONFLICT (token_hash, user_id) DO UPDATE
    SET network = excluded.network,
        last_used_at = excluded.last_used_at;
    DELETE FROM known_devices
    WHERE (token_hash, user_id) IN (
        (
            SELECT token_hash, user_id
            FROM known_devices
            WHERE user_id = p_user_id
            ORDER BY last_used_at DESC
            OFFSET 20
        )
        UNION ALL
        (
            SELECT token_hash, user_id
            FROM known_devices
            WHERE last_used_at < now() - interval '180 days'
            ORDER BY last_used_at
            LIMIT 10
        )
    );
END;
$$;
COMMENT ON FUNCTION remember_device IS
    'Writes down that a browser has signed in to an account. p_old_hash: of the token that the '
    'browser had, which ends; NULL: it had none. Keeps the twenty newest browsers of the account, '
    'and removes some that were not used for 180 days.';

CREATE FUNCTION forget_devices_of_users()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
BEGIN
    -- Anyone who knew the old password may have signed in on a browser of theirs.
    DELETE FROM known_devices WHERE user_id = NEW.id;
    -- Failures with a forgotten password shall not keep the user from signing in.
    DELETE FROM sign_in_failures
    WHERE coalesce(phone, email) = lower(NEW.email)
        AND NEW.email_verified_at IS NOT NULL;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION forget_devices_of_users IS
    'Trigger: a new password removes the known devices of its user, and the failures to sign in '
    'with the verified mail address.';

CREATE TRIGGER users_forget_devices
AFTER UPDATE OF password_hash ON users
FOR EACH ROW
WHEN (OLD.password_hash IS DISTINCT FROM NEW.password_hash)
EXECUTE FUNCTION forget_devices_of_users();
COMMENT ON TRIGGER users_forget_devices ON users IS
    'A new password ends what stood for the old one.';

GRANT EXECUTE ON FUNCTION begin_sign_in(text, inet, bytea) TO ticketing_api;
GRANT EXECUTE ON FUNCTION begin_confirmation TO ticketing_api;
GRANT EXECUTE ON FUNCTION remember_device TO ticketing_api;

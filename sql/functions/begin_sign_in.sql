-- begin_sign_in: the limits on guessing. It writes the attempt as a failure before the password is
-- compared, so that a thousand guesses at once count as a thousand; end_sign_in.sql deletes the
-- row when the password was right.
--
-- Three limits hold for strangers: for an account from one network, for one network, and for an
-- account from everywhere. The last one slows all strangers, of whom one may be the owner. So a
-- browser that has signed in to the account has a limit of its own, which strangers cannot use up,
-- and a network from which somebody has signed in is not slowed. The link of a mail for a new
-- password is the way for an owner who has neither.

CREATE FUNCTION client_network(p_address inet)
RETURNS inet
LANGUAGE sql
IMMUTABLE
STRICT
PARALLEL SAFE
RETURN CASE family(p_address)
    WHEN 6 THEN network(set_masklen(p_address, 64))::inet
    ELSE p_address
END;
COMMENT ON FUNCTION client_network IS
    'What counts as one client: an IPv4 address, or the /64 network of an IPv6 address, because '
    'a client that has one address of such a network usually has all of them.';

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

CREATE FUNCTION begin_sign_in(
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

-- Takes 0076_own_phones back. It stops when a number was lost to another user: the earlier release
-- has one user for each number.

CREATE OR REPLACE VIEW sign_in_trouble AS
SELECT
    mask_phone(sign_in_failures.phone) AS phone,
    users.id AS user_id,
    count(*) AS failures,
    count(DISTINCT sign_in_failures.address) AS addresses,
    min(sign_in_failures.at) AS first_at,
    max(sign_in_failures.at) AS last_at
FROM sign_in_failures
LEFT JOIN users ON users.phone = sign_in_failures.phone
WHERE sign_in_failures.at > now() - make_interval(mins => 15)
GROUP BY sign_in_failures.phone, users.id;

COMMENT ON VIEW sign_in_trouble IS
    'Failed sign-ins of the last 15 minutes, by phone number. An attempt counts while its '
    'password is being checked, too.';
COMMENT ON COLUMN sign_in_trouble.phone IS 'The phone number that was tried, masked.';
COMMENT ON COLUMN sign_in_trouble.user_id IS 'NULL: nobody has that number.';
COMMENT ON COLUMN sign_in_trouble.addresses IS 'From how many network addresses.';

CREATE OR REPLACE FUNCTION request_password_reset(
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
    ON CONFLICT (phone) DO UPDATE
    SET name = excluded.name,
        role = 'admin',
        password_hash = excluded.password_hash
    -- A row that was there before has the lock of its update in xmax.
    RETURNING id, xmax = 0 INTO v_user_id, v_is_new;
    -- Anyone who signed in with the old password is signed out.
    DELETE FROM sessions WHERE user_id = v_user_id;
    IF v_is_new THEN
        INSERT INTO activity (action, user_id, detail)
        VALUES ('user-created', v_user_id, jsonb_build_object('name', p_name, 'role', 'admin'));
    ELSE
        INSERT INTO activity (action, user_id, detail)
        VALUES (
            'user-changed',
            v_user_id,
            jsonb_build_object(
                'became', jsonb_build_object('name', p_name, 'role', 'admin'),
                'new_password', true
            )
        );
    END IF;
    RETURN v_user_id;
END;
$$;
COMMENT ON FUNCTION make_admin IS
    'Creates an admin, or makes the user with this phone one, with a new name and password. For '
    'the owner of the database (make admin): the API may not call it.';

CREATE OR REPLACE FUNCTION begin_sign_in(
    p_phone text,
    p_address inet
)
RETURNS TABLE (
    attempt_id bigint,
    user_id bigint,
    password_hash text
)
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
#variable_conflict use_column
DECLARE
    v_window constant interval := interval '15 minutes';
    v_network constant inet := client_network(p_address);
    v_attempt_id bigint;
    v_retry_at timestamptz;
BEGIN
    -- Attempts from one network are counted one at a time; the lock ends with this transaction.
    -- Locks of two integers are apart from those of one bigint, which idempotency keys take.
    PERFORM pg_advisory_xact_lock(19, hashtext(host(v_network)));
    DELETE FROM sign_in_failures
    WHERE id IN (
        SELECT id
        FROM sign_in_failures
        WHERE at < now() - v_window
        ORDER BY at
        LIMIT 100
        FOR UPDATE SKIP LOCKED
    );

    -- The failure that must grow old before another attempt is allowed: the tenth last for the
    -- phone, the hundredth last of all.
    SELECT max(limiting.at) + v_window
    INTO v_retry_at
    FROM (
        (
            SELECT at FROM sign_in_failures
            WHERE address = v_network AND phone = p_phone
            ORDER BY at DESC OFFSET 9 LIMIT 1
        )
        UNION ALL
        (
            SELECT at FROM sign_in_failures
            WHERE address = v_network
            ORDER BY at DESC OFFSET 99 LIMIT 1
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

    INSERT INTO sign_in_failures (phone, address)
    VALUES (p_phone, v_network)
    RETURNING id INTO v_attempt_id;
    RETURN QUERY
    SELECT v_attempt_id, users.id, users.password_hash
    FROM (VALUES (p_phone)) AS tried (phone)
    LEFT JOIN users ON users.phone = tried.phone;
END;
$$;
COMMENT ON FUNCTION begin_sign_in IS
    'Counts an attempt to sign in as failed until it succeeds, and returns the user with this '
    'phone, if there is one. Raises TK019 (retry_after: seconds) after ten failures for a phone '
    'from one network (client_network), or a hundred from one network, in 15 minutes.';

ALTER INDEX users_phone_unique RENAME TO users_owned_phone_unique;
ALTER TABLE users ADD CONSTRAINT users_phone_unique UNIQUE (phone);

-- Takes 0098_known_devices back.

DROP TRIGGER users_forget_devices ON users;
DROP FUNCTION forget_devices_of_users;
DROP FUNCTION remember_device;
DROP FUNCTION begin_confirmation;
DROP FUNCTION begin_sign_in(text, inet, bytea);
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
    LEFT JOIN users
        ON users.phone = tried.phone
        AND users.phone_lost_at IS NULL
        -- A disabled account is answered like an unknown phone, after the same time.
        AND users.disabled_at IS NULL;
END;
$$;
COMMENT ON FUNCTION begin_sign_in IS
    'Counts an attempt to sign in as failed until it succeeds, and returns the user with this '
    'phone, if there is one who is not disabled. Raises TK019 (retry_after: seconds) after ten '
    'failures for a phone from one network (client_network), or a hundred from one network, in 15 '
    'minutes.';

DROP FUNCTION count_sign_in_attempt;
DROP FUNCTION user_of_account;

DELETE FROM sign_in_failures WHERE phone IS NULL;
ALTER TABLE sign_in_failures
    DROP CONSTRAINT sign_in_failures_phone_or_email,
    DROP COLUMN device_hash,
    DROP COLUMN email,
    ALTER COLUMN phone SET NOT NULL;

COMMENT ON TABLE sign_in_failures IS 'Recent failed sign-ins, for limiting them; rows older than 15 minutes mean nothing and are removed.';
COMMENT ON COLUMN sign_in_failures.phone IS 'The phone that was tried, whether or not a user has it.';
COMMENT ON COLUMN sign_in_trouble.phone IS 'The phone number that was tried, masked.';
COMMENT ON COLUMN sign_in_trouble.user_id IS 'NULL: nobody has that number.';

DROP TABLE known_devices;

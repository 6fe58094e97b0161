-- begin_sign_up: the limit on sign-ups from one network. The row is written before the password is
-- hashed, so that a thousand sign-ups at once count as a thousand.

CREATE FUNCTION begin_sign_up(p_address inet)
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
    -- Sign-ups from one network are counted one at a time; the lock ends with this transaction.
    PERFORM pg_advisory_xact_lock(20, hashtext(host(v_network)));
    DELETE FROM sign_ups
    WHERE id IN (
        SELECT id
        FROM sign_ups
        WHERE at < now() - v_window
        ORDER BY at
        LIMIT 100
        FOR UPDATE SKIP LOCKED
    );

    -- The sign-up that must grow old before another one is allowed: the hundredth last.
    SELECT at + v_window
    INTO v_retry_at
    FROM sign_ups
    WHERE network = v_network
    ORDER BY at DESC
    OFFSET 99
    LIMIT 1;
    IF v_retry_at > clock_timestamp() THEN
        PERFORM raise_problem(
            'TK019',
            jsonb_build_object(
                'retry_after', ceil(extract(epoch FROM v_retry_at - clock_timestamp()))::integer
            )
        );
    END IF;

    INSERT INTO sign_ups (network) VALUES (v_network);
END;
$$;
COMMENT ON FUNCTION begin_sign_up IS
    'Counts a sign-up from an address. Raises TK019 (retry_after: seconds) after a hundred from '
    'its network in 15 minutes.';

-- Failed sign-ins of an IPv6 client are counted for its /64 network, and sign-ups are counted.
-- depends: 0047_plainer_booking_comments

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

COMMENT ON COLUMN sign_in_failures.address IS
    'Where the attempt came from: an IPv4 address, or the /64 network of an IPv6 address.';

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

-- sign_ups: when somebody signed up from a network lately, so that one client cannot make any number
-- of accounts, or ask for any number of phones whether they have one. Refused sign-ups count as well.

CREATE TABLE sign_ups (
    id      bigint      GENERATED ALWAYS AS IDENTITY,
    network inet        NOT NULL,
    at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT sign_ups_pkey PRIMARY KEY (id)
);

-- begin_sign_up(): recent ones from a network.
CREATE INDEX sign_ups_by_network ON sign_ups (network, at);

-- begin_sign_up(): old ones go when new ones come.
CREATE INDEX sign_ups_by_at ON sign_ups (at);

COMMENT ON TABLE sign_ups IS
    'Recent sign-ups, for limiting them; rows older than 15 minutes mean nothing and are removed.';
COMMENT ON COLUMN sign_ups.network IS
    'Where the request came from: an IPv4 address, or the /64 network of an IPv6 address.';
COMMENT ON INDEX sign_ups_by_network IS 'For counting recent sign-ups from a network.';
COMMENT ON INDEX sign_ups_by_at IS 'For removing old rows.';

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

GRANT EXECUTE ON FUNCTION begin_sign_up TO ticketing_api;

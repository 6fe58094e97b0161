-- Codes that show whose number it is. The program that asks for a code makes it and its token, and
-- tells the database hashes of them; the text with the code goes to the webhook endpoints that send
-- text messages, as a message of the type phone.code.

CREATE FUNCTION takes_phone_codes(p_endpoint webhook_endpoints)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
-- Codes belong to no event.
RETURN p_endpoint.disabled_at IS NULL
    AND p_endpoint.event_id IS NULL
    AND 'phone.code' = ANY (p_endpoint.types);
COMMENT ON FUNCTION takes_phone_codes IS
    'Whether codes are sent to this webhook endpoint: it is enabled, names the type phone.code, '
    'and is not limited to one event.';

CREATE FUNCTION sends_phone_codes()
RETURNS boolean
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = public, pg_temp
RETURN EXISTS (
    SELECT FROM webhook_endpoints WHERE takes_phone_codes(webhook_endpoints)
);
COMMENT ON FUNCTION sends_phone_codes IS 'Whether codes can be sent to phones.';

CREATE FUNCTION count_phone_code_request(
    p_phone text,
    p_user_id bigint,
    p_address inet
)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_window constant interval := interval '1 hour';
    v_network constant inet := client_network(p_address);
    v_retry_at timestamptz;
BEGIN
    -- Requests from one network, for one number and of one user are counted one at a time. These
    -- locks are taken before that of a user, as in prove_phone().
    PERFORM pg_advisory_xact_lock(41, hashtext(host(v_network)));
    PERFORM pg_advisory_xact_lock(42, hashtext(p_phone));
    PERFORM FROM users WHERE id = p_user_id FOR NO KEY UPDATE;
    SELECT max(limiting.at) + v_window
    INTO v_retry_at
    FROM (
        (
            SELECT at FROM phone_code_requests
            WHERE phone = p_phone
            ORDER BY at DESC OFFSET 2 LIMIT 1
        )
        UNION ALL
        (
            SELECT at FROM phone_code_requests
            WHERE user_id = p_user_id
            ORDER BY at DESC OFFSET 4 LIMIT 1
        )
        UNION ALL
        (
            SELECT at FROM phone_code_requests
            WHERE network = v_network
            ORDER BY at DESC OFFSET 59 LIMIT 1
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
    INSERT INTO phone_code_requests (phone, user_id, network)
    VALUES (p_phone, p_user_id, v_network);
END;
$$;
COMMENT ON FUNCTION count_phone_code_request IS
    'Counts a request for a code. Raises TK019 (retry_after: seconds) after three for a number, '
    'five of a user, or sixty from one network, in an hour.';

CREATE FUNCTION send_phone_code(
    p_code_id bigint,
    p_phone text,
    p_text text
)
RETURNS void
LANGUAGE sql
VOLATILE
SET search_path = public, pg_temp
AS $$
    INSERT INTO webhook_deliveries (
        endpoint_id, source, source_id, type, body, next_attempt_at
    )
    SELECT
        endpoint.id,
        'code',
        p_code_id,
        'phone.code',
        jsonb_build_object(
            'type', 'phone.code',
            'timestamp', to_char(
                timezone('UTC', clock_timestamp()), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
            ),
            'data', jsonb_build_object('phone', p_phone, 'text', p_text)
        )::text,
        -- Before everything that waits, because a person is waiting for it.
        timestamptz '1970-01-01 00:00:00+00'
    FROM webhook_endpoints AS endpoint
    WHERE takes_phone_codes(endpoint);
$$;
COMMENT ON FUNCTION send_phone_code IS
    'Writes down that a code is to be sent to each webhook endpoint that takes codes.';

CREATE FUNCTION request_phone_code(
    p_token_hash bytea,
    p_code_hash bytea,
    p_phone text,
    p_text text,
    p_user_id bigint,
    p_name text,
    p_password_hash text,
    p_address inet
)
RETURNS timestamptz
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_code phone_codes;
BEGIN
    IF NOT sends_phone_codes() THEN
        RETURN NULL;
    END IF;
    PERFORM count_phone_code_request(p_phone, p_user_id, p_address);
    DELETE FROM phone_codes WHERE user_id = p_user_id;
    INSERT INTO phone_codes (token_hash, code_hash, phone, user_id, name, password_hash)
    VALUES (p_token_hash, p_code_hash, p_phone, p_user_id, p_name, p_password_hash)
    RETURNING * INTO v_code;
    PERFORM send_phone_code(v_code.id, p_phone, p_text);
    RETURN v_code.expires_at;
END;
$$;
COMMENT ON FUNCTION request_phone_code IS
    'Has a code sent to a phone, and returns until when it is valid: for a user whose number this '
    'is to be, or, with a name and a password, for an account that is made once the code is '
    'entered. NULL: nothing is done, because no webhook endpoint takes codes. Whether anybody has '
    'the number makes no difference. A user''s earlier codes end. Raises TK019 (retry_after: '
    'seconds) after too many requests.';

CREATE FUNCTION delete_old_phone_codes(p_at_most integer)
RETURNS integer
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
    v_changed integer;
    v_more integer;
BEGIN
    -- Another process may be deleting the same rows.
    DELETE FROM phone_codes
    WHERE id IN (
        SELECT id
        FROM phone_codes
        WHERE expires_at < now()
        ORDER BY expires_at
        LIMIT p_at_most
        FOR UPDATE SKIP LOCKED
    );
    GET DIAGNOSTICS v_changed = ROW_COUNT;
    DELETE FROM phone_code_requests
    WHERE id IN (
        SELECT id
        FROM phone_code_requests
        WHERE at < now() - interval '1 hour'
        ORDER BY at
        LIMIT p_at_most
        FOR UPDATE SKIP LOCKED
    );
    GET DIAGNOSTICS v_more = ROW_COUNT;
    v_changed := v_changed + v_more;
    -- A code that could not be sent in time is worth nothing, and nobody shall read it later.
    UPDATE webhook_deliveries
    SET body = '',
        next_attempt_at = NULL,
        given_up_at = clock_timestamp(),
        last_error = coalesce(last_error, 'it was not sent in time')
    WHERE id IN (
        SELECT webhook_deliveries.id
        FROM webhook_endpoints
        JOIN webhook_deliveries ON webhook_deliveries.endpoint_id = webhook_endpoints.id
        WHERE webhook_deliveries.next_attempt_at IS NOT NULL
            AND webhook_deliveries.source = 'code'
            AND webhook_deliveries.created_at < now() - interval '15 minutes'
        LIMIT p_at_most
        FOR UPDATE OF webhook_deliveries SKIP LOCKED
    );
    GET DIAGNOSTICS v_more = ROW_COUNT;
    RETURN v_changed + v_more;
END;
$$;
COMMENT ON FUNCTION delete_old_phone_codes IS
    'Deletes at most p_at_most codes that have expired, and as many requests that no longer count. '
    'Gives up as many messages with a code that were not sent in time, and empties them. Returns '
    'how many rows it has changed.';

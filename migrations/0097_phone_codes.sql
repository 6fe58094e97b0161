-- A phone number is verified by a code, and belongs to the user who has entered it.
-- depends: 0096_index_what_users_did

CREATE OR REPLACE FUNCTION webhook_types()
RETURNS text[]
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN ARRAY[
    'booking.confirmed', 'booking.cancelled', 'ticket.admitted', 'event.created', 'event.changed',
    'event.cancelled', 'event.completed', 'event.message-sent', 'user.created', 'user.changed',
    'user.erased', 'webhook.created', 'webhook.changed', 'webhook.deleted', 'webhook.replayed',
    'token.created', 'token.revoked', 'customer.notice', 'phone.code'
];
COMMENT ON FUNCTION webhook_types IS 'The types of messages that a webhook endpoint can ask for.';

COMMENT ON COLUMN webhook_endpoints.types IS
    'The types of facts that are sent. Empty: every type but customer.notice and phone.code, which '
    'hold phone numbers and are sent only to an endpoint that names them.';

ALTER TABLE webhook_deliveries
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT webhook_deliveries_source_known,
    ADD CONSTRAINT webhook_deliveries_source_known CHECK (
        source IN ('booking', 'activity', 'notice', 'code', 'test')
    ) NOT VALID;
COMMENT ON COLUMN webhook_deliveries.source IS
    'booking, activity, notice, code or test. source and source_id make the id of the message, '
    'which is the same at each attempt.';
COMMENT ON COLUMN webhook_deliveries.body IS
    'The bytes that are signed and sent. Empty: a code for a phone, which is over.';

CREATE TABLE phone_codes (
    id            bigint      GENERATED ALWAYS AS IDENTITY,
    token_hash    bytea       NOT NULL,
    code_hash     bytea       NOT NULL,
    phone         text        NOT NULL,
    user_id       bigint,                        -- NULL: for signing up
    name          text,                          -- NULL: for a user who is there
    password_hash text,                          -- NULL: for a user who is there
    failures      integer     NOT NULL DEFAULT 0,
    expires_at    timestamptz NOT NULL DEFAULT now() + interval '15 minutes',
    CONSTRAINT phone_codes_pkey PRIMARY KEY (id),
    CONSTRAINT phone_codes_token_hash_unique UNIQUE (token_hash),
    CONSTRAINT phone_codes_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT phone_codes_token_hash_is_sha256 CHECK (octet_length(token_hash) = 32),
    CONSTRAINT phone_codes_code_hash_is_sha256 CHECK (octet_length(code_hash) = 32),
    CONSTRAINT phone_codes_phone_e164 CHECK (phone ~ '^\+[1-9][0-9]{4,14}$'),
    CONSTRAINT phone_codes_failures_at_most_5 CHECK (failures BETWEEN 0 AND 5),
    CONSTRAINT phone_codes_for_user_or_sign_up CHECK (
        (user_id IS NULL) = (name IS NOT NULL)
        AND (user_id IS NULL) = (password_hash IS NOT NULL)
    )
);

-- prove_phone(): the other codes for a number end.
CREATE INDEX phone_codes_by_phone ON phone_codes (phone);

-- request_phone_code(): a user's earlier codes end.
CREATE INDEX phone_codes_by_user ON phone_codes (user_id) WHERE user_id IS NOT NULL;

-- delete_old_phone_codes(): expired codes.
CREATE INDEX phone_codes_by_expires_at ON phone_codes (expires_at);

COMMENT ON TABLE phone_codes IS
    'The codes that were sent to phones and may still be entered. One that was used is deleted.';
COMMENT ON COLUMN phone_codes.token_hash IS
    'SHA-256 of the token that the browser keeps which asked for the code; the token itself is '
    'not stored.';
COMMENT ON COLUMN phone_codes.code_hash IS
    'SHA-256 of the token and the code together. Without the token nobody can find the code.';
COMMENT ON COLUMN phone_codes.phone IS 'E.164: where the code was sent to.';
COMMENT ON COLUMN phone_codes.user_id IS
    'Whose number it is to be. NULL: of an account that is made once the code is entered.';
COMMENT ON COLUMN phone_codes.name IS 'The name of that new account. NULL: for a user.';
COMMENT ON COLUMN phone_codes.password_hash IS
    'argon2id, encoded: the password of that new account. NULL: for a user.';
COMMENT ON COLUMN phone_codes.failures IS 'How many wrong codes were entered: five at most.';
COMMENT ON COLUMN phone_codes.expires_at IS 'When the code ends to be valid.';
COMMENT ON INDEX phone_codes_by_phone IS 'For ending the other codes for a number.';
COMMENT ON INDEX phone_codes_by_user IS
    'For ending a user''s earlier codes. Partial: codes for signing up have no user.';
COMMENT ON INDEX phone_codes_by_expires_at IS 'For removing expired codes.';

CREATE TABLE phone_code_requests (
    id      bigint      GENERATED ALWAYS AS IDENTITY,
    phone   text        NOT NULL,
    user_id bigint,                              -- NULL: for signing up
    network inet        NOT NULL,
    at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT phone_code_requests_pkey PRIMARY KEY (id),
    CONSTRAINT phone_code_requests_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT phone_code_requests_phone_e164 CHECK (phone ~ '^\+[1-9][0-9]{4,14}$')
);

-- request_phone_code(): recent requests for a number, of a user, and from a network.
CREATE INDEX phone_code_requests_by_phone ON phone_code_requests (phone, at);
CREATE INDEX phone_code_requests_by_user
ON phone_code_requests (user_id, at)
WHERE user_id IS NOT NULL;
CREATE INDEX phone_code_requests_by_network ON phone_code_requests (network, at);

-- delete_old_phone_codes(): old requests.
CREATE INDEX phone_code_requests_by_at ON phone_code_requests (at);

COMMENT ON TABLE phone_code_requests IS
    'Recent requests for codes, for limiting them; rows older than an hour mean nothing and are '
    'removed.';
COMMENT ON COLUMN phone_code_requests.phone IS 'E.164: where the code was sent to.';
COMMENT ON COLUMN phone_code_requests.user_id IS 'Who asked. NULL: somebody who signs up.';
COMMENT ON COLUMN phone_code_requests.network IS
    'Where the request came from: an IPv4 address, or the /64 network of an IPv6 address.';
COMMENT ON INDEX phone_code_requests_by_phone IS 'For counting recent requests for a number.';
COMMENT ON INDEX phone_code_requests_by_user IS
    'For counting recent requests of a user. Partial: signing up has no user.';
COMMENT ON INDEX phone_code_requests_by_network IS
    'For counting recent requests from a network.';
COMMENT ON INDEX phone_code_requests_by_at IS 'For removing old rows.';

CREATE FUNCTION lock_phone(
    p_phone text,
    p_user_id bigint
)
RETURNS users
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_holder users;
BEGIN
    PERFORM pg_advisory_xact_lock(42, hashtext(p_phone));
    -- In one order, because two users may take over each other's numbers at once.
    PERFORM
    FROM users
    WHERE id = p_user_id
        OR (phone = p_phone AND phone_lost_at IS NULL)
    ORDER BY id
    FOR NO KEY UPDATE;
    SELECT users.*
    INTO v_holder
    FROM users
    WHERE phone = p_phone
        AND phone_lost_at IS NULL
        AND id IS DISTINCT FROM p_user_id;
    RETURN v_holder;
END;
$$;
COMMENT ON FUNCTION lock_phone IS
    'Locks a number and a user who is to have it, and returns the other user who has it. NULL: '
    'nobody else has it.';

CREATE FUNCTION lose_phone(p_user_id bigint)
RETURNS void
LANGUAGE sql
VOLATILE
SET search_path = public, pg_temp
AS $$
    UPDATE users
    SET phone_lost_at = clock_timestamp(),
        phone_verified_at = NULL
    WHERE id = p_user_id;
    -- Anyone who signed in with the number is signed out.
    DELETE FROM sessions WHERE user_id = p_user_id;
$$;
COMMENT ON FUNCTION lose_phone IS
    'The number of a user is somebody else''s from now on, and the user''s sessions end. NULL: '
    'nobody loses a number.';

CREATE FUNCTION log_phone_change(
    p_actor_id bigint,
    p_user_id bigint,
    p_holder_id bigint,
    p_detail jsonb
)
RETURNS void
LANGUAGE sql
VOLATILE
SET search_path = public, pg_temp
AS $$
    INSERT INTO activity (actor_id, action, user_id, detail)
    SELECT p_actor_id, 'user-changed', changed.user_id, changed.detail
    FROM (
        VALUES (p_holder_id, '{"phone_lost": true}'::jsonb), (p_user_id, p_detail)
    ) AS changed (user_id, detail)
    WHERE changed.user_id IS NOT NULL
        AND changed.detail IS NOT NULL;
$$;
COMMENT ON FUNCTION log_phone_change IS
    'Writes the lines of the activity log about a number: that p_holder_id has lost it, unless '
    'NULL, and what became of that of p_user_id, unless p_detail is NULL. The number is in neither '
    'line.';

CREATE FUNCTION give_phone(
    p_user_id bigint,
    p_phone text,
    p_verified boolean
)
RETURNS users
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_user users;
BEGIN
    UPDATE users
    SET phone = p_phone,
        phone_lost_at = NULL,
        phone_verified_at = CASE WHEN p_verified THEN clock_timestamp() END
    WHERE id = p_user_id
        AND erased_at IS NULL
    RETURNING * INTO v_user;
    RETURN v_user;
END;
$$;
COMMENT ON FUNCTION give_phone IS
    'Gives a number to a user, and returns the row; NULL when there is no such user. A number that '
    'another user has violates users_phone_unique.';

CREATE OR REPLACE FUNCTION create_user(
    p_fields jsonb,
    p_actor_id bigint
)
RETURNS users
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
    v_user users := jsonb_populate_record(NULL::users, p_fields);
    v_holder users;
BEGIN
    PERFORM require_admin(p_actor_id);
    IF (p_fields ->> 'take_over')::boolean THEN
        v_holder := lock_phone(v_user.phone, NULL);
        PERFORM lose_phone(v_holder.id);
        v_user.phone_verified_at := clock_timestamp();
    END IF;
    INSERT INTO users (name, phone, role, password_hash, phone_verified_at)
    VALUES (
        v_user.name, v_user.phone, v_user.role, v_user.password_hash, v_user.phone_verified_at
    )
    RETURNING * INTO v_user;
    INSERT INTO activity (actor_id, action, user_id, detail)
    VALUES (
        p_actor_id,
        'user-created',
        v_user.id,
        jsonb_build_object('role', v_user.role)
    );
    PERFORM log_phone_change(p_actor_id, v_user.id, v_holder.id, NULL);
    RETURN v_user;
END;
$$;
COMMENT ON FUNCTION create_user(jsonb, bigint) IS
    'Creates a user of any role, for an admin, and returns the row. p_fields: name, phone, role '
    'and password_hash; without the last, a customer who cannot sign in. A phone that is taken '
    'violates users_phone_unique, unless p_fields has take_over: then the admin has seen that it '
    'is this user''s, and the user who had it loses it. Raises TK020 when the actor is not an '
    'admin.';

CREATE OR REPLACE FUNCTION tell_customers(p_notices notices[])
RETURNS bigint
LANGUAGE sql
VOLATILE
SET search_path = public, pg_temp
AS $$
    -- The customers are locked, so that nobody is erased between this look at the row and the
    -- notices about it. They are read by their key each time: joining the results of two steps
    -- compares each row with each, because no plan knows how many there are.
    WITH wanted AS (
        SELECT notice.*
        FROM unnest(p_notices) AS notice
        JOIN users ON users.id = notice.user_id AND users.erased_at IS NULL
        -- A notice that is read from the beginning is only there to be sent.
        WHERE notice.read_at IS NULL
            OR users.email_verified_at IS NOT NULL
            OR EXISTS (
                SELECT FROM webhook_endpoints WHERE 'customer.notice' = ANY (types)
            )
        ORDER BY users.id
        FOR KEY SHARE OF users
    ),
    told AS (
        INSERT INTO notices (user_id, kind, event_id, booking_id, matter, detail, at, read_at)
        SELECT user_id, kind, event_id, booking_id, matter, detail, at, read_at
        FROM wanted
        ORDER BY at
        ON CONFLICT DO NOTHING
        RETURNING notices.*
    ),
    mailed AS (
        INSERT INTO mails (user_id, address, purpose, notice_id)
        SELECT told.user_id, users.email, 'notice', told.id
        FROM told
        JOIN users ON users.id = told.user_id
        WHERE users.email_verified_at IS NOT NULL
            AND (users.optional_mail OR told.kind NOT IN ('event-message', 'event-reminder'))
    ),
    sent AS (
        INSERT INTO webhook_deliveries (endpoint_id, source, source_id, type, body)
        SELECT
            endpoint.id,
            'notice',
            told.id,
            'customer.notice',
            jsonb_build_object(
                'type', 'customer.notice',
                'timestamp', to_char(timezone('UTC', told.at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                'data', jsonb_build_object(
                    'notice_id', told.id,
                    'user_id', told.user_id,
                    'kind', told.kind,
                    'event_id', told.event_id,
                    'booking_id', told.booking_id,
                    'phone', users.phone,
                    'text', notice_text(told)
                )
            )::text
        FROM told
        -- A number that is somebody else's now gets no messages for the user who had it.
        JOIN users ON users.id = told.user_id AND users.phone_lost_at IS NULL
        JOIN webhook_endpoints AS endpoint
            ON endpoint.disabled_at IS NULL
            AND 'customer.notice' = ANY (endpoint.types)
            AND (endpoint.event_id IS NULL OR endpoint.event_id = told.event_id)
    )
    SELECT count(*) FROM told;
$$;
COMMENT ON FUNCTION tell_customers IS
    'Writes notices, leaving out those whose customer was told of their matter before or is '
    'erased, and with each of them a mail if the customer has a verified address, and a '
    'customer.notice for each webhook endpoint that asks for it. Returns how many notices are new.';

CREATE OR REPLACE FUNCTION finish_delivery(
    p_delivery_id bigint,
    p_status integer,
    p_error text,
    p_retry_after interval
)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
    v_delivery webhook_deliveries;
    v_delivered boolean := p_status BETWEEN 200 AND 299;
    v_gone boolean := p_status = 410;
    v_now constant timestamptz := clock_timestamp();
BEGIN
    SELECT webhook_deliveries.*
    INTO v_delivery
    FROM webhook_deliveries
    WHERE id = p_delivery_id
    FOR NO KEY UPDATE;
    -- Another process may have delivered it after the time of the claim.
    IF v_delivery.next_attempt_at IS NULL THEN
        RETURN;
    END IF;
    v_delivery.next_attempt_at := CASE
        WHEN NOT coalesce(v_delivered OR v_gone, false)
            AND v_delivery.attempts < 10
            AND v_delivery.source <> 'test'
            THEN next_webhook_attempt(v_delivery.attempts, p_retry_after)
    END;
    -- A code is not sent when it has expired, and stays nowhere once it is sent.
    IF v_delivery.source = 'code' THEN
        IF v_delivery.next_attempt_at > v_delivery.created_at + interval '15 minutes' THEN
            v_delivery.next_attempt_at := NULL;
        END IF;
        IF v_delivery.next_attempt_at IS NULL THEN
            v_delivery.body := '';
        END IF;
    END IF;
    UPDATE webhook_deliveries
    SET body = v_delivery.body,
        next_attempt_at = v_delivery.next_attempt_at,
        delivered_at = CASE WHEN v_delivered THEN v_now END,
        given_up_at = CASE
            WHEN v_delivered IS NOT TRUE AND v_delivery.next_attempt_at IS NULL
                THEN v_now
        END,
        attempted_at = v_now,
        last_status = p_status,
        last_error = CASE WHEN v_delivered IS NOT TRUE THEN p_error END
    WHERE id = p_delivery_id;
    UPDATE webhook_endpoints
    SET failing_since = CASE
            WHEN v_delivered IS NOT TRUE THEN coalesce(failing_since, v_now)
        END,
        disabled_at = CASE WHEN v_gone THEN coalesce(disabled_at, v_now) ELSE disabled_at END,
        gone_at = CASE WHEN v_gone AND disabled_at IS NULL THEN v_now ELSE gone_at END
    WHERE id = v_delivery.endpoint_id
        AND (v_gone IS TRUE OR (failing_since IS NULL) <> (v_delivered IS TRUE));
END;
$$;
COMMENT ON FUNCTION finish_delivery IS
    'Records the answer to a delivery: 2xx delivers it, 410 disables its endpoint, anything else '
    'is tried again, ten times in three days, unless it is a test. p_status NULL: there was no '
    'answer. p_error: why it failed. p_retry_after: what the receiver asked for. NULL: nothing.';

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

CREATE FUNCTION prove_phone(
    p_token_hash bytea,
    p_code_hash bytea,
    p_take_over boolean
)
RETURNS TABLE (
    outcome text,
    tries_left integer,
    proven users
)
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_most_failures constant integer := 5;
    v_phone text;
    v_code phone_codes;
    v_holder users;
    v_user users;
BEGIN
    SELECT phone INTO v_phone FROM phone_codes WHERE token_hash = p_token_hash;
    -- Those who enter a code for this number come one after the other.
    PERFORM pg_advisory_xact_lock(42, hashtext(v_phone));
    SELECT phone_codes.*
    INTO v_code
    FROM phone_codes
    WHERE token_hash = p_token_hash
        AND expires_at > clock_timestamp()
        AND failures < v_most_failures
    FOR UPDATE;
    IF v_code.id IS NULL THEN
        RETURN QUERY SELECT 'not-valid', NULL::integer, NULL::users;
        RETURN;
    ELSIF v_code.code_hash <> p_code_hash THEN
        UPDATE phone_codes SET failures = failures + 1 WHERE id = v_code.id;
        RETURN QUERY
        SELECT 'wrong', v_most_failures - v_code.failures - 1, NULL::users;
        RETURN;
    END IF;

    v_holder := lock_phone(v_phone, v_code.user_id);
    IF v_holder.id IS NOT NULL AND NOT p_take_over THEN
        RETURN QUERY SELECT 'taken', NULL::integer, NULL::users;
        RETURN;
    END IF;
    PERFORM lose_phone(v_holder.id);
    IF v_code.user_id IS NULL THEN
        INSERT INTO users (name, phone, password_hash, phone_verified_at)
        VALUES (v_code.name, v_phone, v_code.password_hash, clock_timestamp())
        RETURNING * INTO v_user;
    ELSE
        v_user := give_phone(v_code.user_id, v_phone, true);
    END IF;
    IF v_user.id IS NULL THEN
        RETURN QUERY SELECT 'not-valid', NULL::integer, NULL::users;
        RETURN;
    END IF;
    PERFORM log_phone_change(
        v_user.id,
        v_user.id,
        v_holder.id,
        CASE WHEN v_code.user_id IS NOT NULL THEN '{"phone_verified": true}'::jsonb END
    );
    -- The other codes for this number were sent to the same person, or to one who had it before.
    DELETE FROM phone_codes WHERE phone = v_phone;
    RETURN QUERY SELECT 'proven', NULL::integer, v_user;
END;
$$;
COMMENT ON FUNCTION prove_phone IS
    'Gives the number that a code was sent to to the user who asked for it, or makes the account '
    'that was asked for. outcome: proven; wrong, with how many tries are left; not-valid: the code '
    'has expired, was used or had five failures; taken: another user has the number, and '
    'p_take_over is false, so that nothing is changed and the code stays valid. With p_take_over '
    'that user loses the number.';

CREATE FUNCTION change_own_phone(
    p_user_id bigint,
    p_phone text
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
    -- Where codes can be sent, a code decides: see prove_phone().
    IF sends_phone_codes() THEN
        PERFORM raise_problem('TK020');
    END IF;
    PERFORM pg_advisory_xact_lock(42, hashtext(p_phone));
    SELECT users.* INTO v_user FROM users WHERE id = p_user_id FOR NO KEY UPDATE;
    IF v_user.phone = p_phone AND v_user.phone_lost_at IS NULL THEN
        RETURN v_user;
    END IF;
    v_user := give_phone(p_user_id, p_phone, false);
    PERFORM log_phone_change(p_user_id, p_user_id, NULL, '{"new_phone": true}');
    RETURN v_user;
END;
$$;
COMMENT ON FUNCTION change_own_phone IS
    'Changes a user''s number where no codes can be sent, and returns the row. The new number is '
    'not verified. A number that another user has violates users_phone_unique. Raises TK020 where '
    'codes can be sent.';

CREATE FUNCTION set_user_phone(
    p_user_id bigint,
    p_phone text,
    p_verified boolean,
    p_take_over boolean,
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
    v_was users;
    v_holder users;
    v_user users;
BEGIN
    PERFORM require_admin(p_actor_id);
    v_holder := lock_phone(p_phone, p_user_id);
    SELECT users.* INTO v_was FROM users WHERE id = p_user_id;
    IF p_take_over THEN
        PERFORM lose_phone(v_holder.id);
    END IF;
    v_user := give_phone(p_user_id, p_phone, p_verified);
    IF v_user.id IS NULL THEN
        PERFORM raise_problem('TK008');
    END IF;
    PERFORM log_phone_change(
        p_actor_id,
        p_user_id,
        v_holder.id,
        jsonb_build_object('new_phone', v_was.phone <> p_phone, 'phone_verified', p_verified)
    );
    RETURN v_user;
END;
$$;
COMMENT ON FUNCTION set_user_phone IS
    'Gives a number to a user, for an admin who has seen a document or called the number '
    '(p_verified), and returns the row. A number that another user has is taken from that user '
    'with p_take_over, and violates users_phone_unique otherwise. Raises TK008 when the user is '
    'unknown or erased, TK020 when the actor is not an admin.';

GRANT EXECUTE ON FUNCTION sends_phone_codes TO ticketing_api;
GRANT EXECUTE ON FUNCTION request_phone_code TO ticketing_api;
GRANT EXECUTE ON FUNCTION prove_phone TO ticketing_api;
GRANT EXECUTE ON FUNCTION change_own_phone TO ticketing_api;
GRANT EXECUTE ON FUNCTION set_user_phone TO ticketing_api;
GRANT EXECUTE ON FUNCTION delete_old_phone_codes TO ticketing_api;

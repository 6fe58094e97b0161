-- Takes 0097_phone_codes back. Messages with codes are deleted: the earlier release has no place for
-- them, and they are worth nothing after 15 minutes.

DELETE FROM webhook_deliveries WHERE source = 'code';
-- An empty list would stand for all types.
UPDATE webhook_endpoints
SET disabled_at = coalesce(disabled_at, clock_timestamp())
WHERE types = '{phone.code}';
UPDATE webhook_endpoints
SET types = array_remove(types, 'phone.code')
WHERE 'phone.code' = ANY (types);

DROP FUNCTION set_user_phone;
DROP FUNCTION change_own_phone;
DROP FUNCTION prove_phone;
DROP FUNCTION delete_old_phone_codes;
DROP FUNCTION request_phone_code;
DROP FUNCTION send_phone_code;
DROP FUNCTION count_phone_code_request;
DROP FUNCTION sends_phone_codes;
DROP FUNCTION takes_phone_codes;
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
    UPDATE webhook_deliveries
    SET next_attempt_at = v_delivery.next_attempt_at,
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

CREATE OR REPLACE FUNCTION tell_customers(p_notices notices[])
RETURNS bigint
LANGUAGE sql
VOLATILE
SET search_path = public, pg_temp
AS $$
    -- Locked, so that nobody is erased between this look at the row and the notices about it.
    WITH people AS (
        SELECT id, phone, email, email_verified_at, optional_mail
        FROM users
        WHERE id IN (SELECT user_id FROM unnest(p_notices))
            AND erased_at IS NULL
        ORDER BY id
        FOR KEY SHARE
    ),
    told AS (
        INSERT INTO notices (user_id, kind, event_id, booking_id, matter, detail, at, read_at)
        SELECT
            notice.user_id, kind, event_id, booking_id, matter, detail, notice.at, read_at
        FROM unnest(p_notices) AS notice
        JOIN people ON people.id = notice.user_id
        -- A notice that is read from the beginning is only there to be sent.
        WHERE read_at IS NULL
            OR people.email_verified_at IS NOT NULL
            OR EXISTS (
                SELECT FROM webhook_endpoints WHERE 'customer.notice' = ANY (types)
            )
        ORDER BY notice.at
        ON CONFLICT DO NOTHING
        RETURNING notices.*
    ),
    mailed AS (
        INSERT INTO mails (user_id, address, purpose, notice_id)
        SELECT told.user_id, people.email, 'notice', told.id
        FROM told
        JOIN people ON people.id = told.user_id
        WHERE people.email_verified_at IS NOT NULL
            AND (people.optional_mail OR told.kind NOT IN ('event-message', 'event-reminder'))
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
                    'phone', people.phone,
                    'text', notice_text(told)
                )
            )::text
        FROM told
        JOIN people ON people.id = told.user_id
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
BEGIN
    PERFORM require_admin(p_actor_id);
    INSERT INTO users (name, phone, role, password_hash)
    VALUES (v_user.name, v_user.phone, v_user.role, v_user.password_hash)
    RETURNING * INTO v_user;
    INSERT INTO activity (actor_id, action, user_id, detail)
    VALUES (
        p_actor_id,
        'user-created',
        v_user.id,
        jsonb_build_object('role', v_user.role)
    );
    RETURN v_user;
END;
$$;
COMMENT ON FUNCTION create_user(jsonb, bigint) IS
    'Creates a user of any role, for an admin, and returns the row. p_fields: name, phone, role '
    'and password_hash; without the last, a customer who cannot sign in. A phone that is taken '
    'violates users_phone_unique. Raises TK020 when the actor is not an admin.';

DROP FUNCTION give_phone;
DROP FUNCTION log_phone_change;
DROP FUNCTION lose_phone;
DROP FUNCTION lock_phone;
DROP TABLE phone_code_requests;
DROP TABLE phone_codes;
COMMENT ON COLUMN webhook_deliveries.body IS 'The bytes that are signed and sent.';
COMMENT ON COLUMN webhook_deliveries.source IS
    'booking, activity, notice or test. source and source_id make the id of the message, which '
    'is the same at each attempt.';

ALTER TABLE webhook_deliveries
    DROP CONSTRAINT webhook_deliveries_source_known,
    ADD CONSTRAINT webhook_deliveries_source_known CHECK (
        source IN ('booking', 'activity', 'notice', 'test')
    );
COMMENT ON COLUMN webhook_endpoints.types IS
    'The types of facts that are sent. Empty: every type but customer.notice, which holds phone '
    'numbers and is sent only to an endpoint that names it.';

CREATE OR REPLACE FUNCTION webhook_types()
RETURNS text[]
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN ARRAY[
    'booking.confirmed', 'booking.cancelled', 'ticket.admitted', 'event.created', 'event.changed',
    'event.cancelled', 'event.completed', 'event.message-sent', 'user.created', 'user.changed',
    'user.erased', 'webhook.created', 'webhook.changed', 'webhook.deleted', 'webhook.replayed',
    'token.created', 'token.revoked', 'customer.notice'
];
COMMENT ON FUNCTION webhook_types IS 'The types of messages that a webhook endpoint can ask for.';

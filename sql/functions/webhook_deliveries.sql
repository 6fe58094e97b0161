-- How deliveries to webhook endpoints are taken, finished and repeated. No transaction is open
-- while a request is under way: a claim is a time until which no other process tries. A process
-- that dies between claim and finish leaves a delivery that is due again after that time, so a
-- receiver may get a message twice and knows it by its id.

CREATE FUNCTION claim_deliveries(
    p_endpoint_id bigint,
    p_at_most integer,
    p_lease interval
)
RETURNS TABLE (
    id bigint,
    message_id text,
    body text,
    url text,
    secrets bytea[]
)
LANGUAGE sql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    WITH endpoint AS (
        SELECT
            webhook_endpoints.url,
            array_remove(
                ARRAY[
                    secret,
                    CASE WHEN previous_until > clock_timestamp() THEN previous_secret END
                ],
                NULL
            ) AS secrets,
            -- One message finds out whether an endpoint that was failing answers again.
            CASE WHEN failing_since IS NULL THEN p_at_most ELSE 1 END AS at_most
        FROM webhook_endpoints
        WHERE webhook_endpoints.id = p_endpoint_id
            AND disabled_at IS NULL
            AND NOT EXISTS (SELECT FROM fact_cursors WHERE paused)
    ),
    due AS (
        SELECT webhook_deliveries.id
        FROM webhook_deliveries
        WHERE endpoint_id = p_endpoint_id
            AND next_attempt_at <= clock_timestamp()
        ORDER BY next_attempt_at, webhook_deliveries.id
        LIMIT (SELECT at_most FROM endpoint)
        FOR UPDATE SKIP LOCKED
    )
    UPDATE webhook_deliveries
    SET attempts = attempts + 1,
        next_attempt_at = clock_timestamp() + p_lease
    FROM due
    CROSS JOIN endpoint
    WHERE webhook_deliveries.id = due.id
    RETURNING
        webhook_deliveries.id,
        'fact_' || source || '_' || source_id,
        webhook_deliveries.body,
        endpoint.url,
        endpoint.secrets;
$$;
COMMENT ON FUNCTION claim_deliveries IS
    'Takes at most p_at_most deliveries of an endpoint that are due, one only while it is failing. '
    'Nobody else takes them for the time of p_lease. secrets: the keys that sign, newest first. '
    'No row: nothing is due, the endpoint is disabled, or facts are paused.';

CREATE FUNCTION next_webhook_attempt(
    p_attempts integer,
    p_retry_after interval
)
RETURNS timestamptz
LANGUAGE sql
VOLATILE
RETURN clock_timestamp() + greatest(
    -- The times that the Standard Webhooks specification proposes: three days in all.
    (
        ARRAY[
            interval '5 seconds', '5 minutes', '30 minutes', '2 hours', '5 hours', '10 hours',
            '14 hours', '20 hours', '24 hours'
        ]
    )[p_attempts] * (0.9 + 0.2 * random()),
    -- least() would take 24 hours for NULL.
    CASE WHEN p_retry_after IS NOT NULL THEN least(p_retry_after, interval '24 hours') END
);
COMMENT ON FUNCTION next_webhook_attempt IS
    'When to try again after that many attempts. NULL: never, when nothing asks for it later. '
    'p_retry_after: what the receiver asked for, at most a day. NULL: nothing.';

CREATE FUNCTION finish_delivery(
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

CREATE FUNCTION replay_facts(
    p_endpoint_id bigint,
    p_from timestamptz,
    p_to timestamptz,
    p_actor_id bigint
)
RETURNS bigint
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_endpoint webhook_endpoints := lock_webhook_endpoint(p_endpoint_id, p_actor_id);
    v_replayed bigint;
BEGIN
    IF v_endpoint.disabled_at IS NOT NULL THEN
        PERFORM raise_problem('TK022');
    END IF;
    INSERT INTO webhook_deliveries (endpoint_id, source, source_id, type, body)
    SELECT p_endpoint_id, fact.source, fact.id, fact.type, fact_body(fact)
    FROM facts AS fact
    WHERE wants_fact(v_endpoint, fact)
        AND fact.at >= p_from
        AND fact.at < p_to
    ON CONFLICT (endpoint_id, source, source_id) DO UPDATE
    SET attempts = 0,
        next_attempt_at = clock_timestamp(),
        delivered_at = NULL,
        given_up_at = NULL;
    GET DIAGNOSTICS v_replayed = ROW_COUNT;
    PERFORM log_webhook(
        'webhook-replayed',
        v_endpoint,
        p_actor_id,
        jsonb_build_object('from', p_from, 'to', p_to, 'messages', v_replayed)
    );
    RETURN v_replayed;
END;
$$;
COMMENT ON FUNCTION replay_facts IS
    'Sends all facts from p_from until before p_to to an endpoint again, with the same ids and the '
    'same bytes, and returns how many there are. What customers are told (customer.notice) is not '
    'sent again. Raises TK021 when the endpoint is unknown, TK022 when it is disabled, TK020 when '
    'the actor is not an admin.';

CREATE FUNCTION delete_old_deliveries(p_at_most integer)
RETURNS integer
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
    v_deleted integer;
BEGIN
    -- Another process may be deleting the same rows. Each part has its own index.
    WITH delivered AS (
        SELECT id
        FROM webhook_deliveries
        WHERE delivered_at < now() - interval '30 days'
        LIMIT p_at_most
        FOR UPDATE SKIP LOCKED
    ),
    given_up AS (
        SELECT id
        FROM webhook_deliveries
        WHERE given_up_at < now() - interval '90 days'
        LIMIT p_at_most
        FOR UPDATE SKIP LOCKED
    )
    DELETE FROM webhook_deliveries
    WHERE id IN (SELECT id FROM delivered UNION ALL SELECT id FROM given_up);
    GET DIAGNOSTICS v_deleted = ROW_COUNT;
    RETURN v_deleted;
END;
$$;
COMMENT ON FUNCTION delete_old_deliveries IS
    'Deletes at most p_at_most deliveries that succeeded more than 30 days ago, and as many that '
    'were given up more than 90 days ago. Returns how many it has deleted. Their facts are still '
    'there to be sent again.';

-- What admins do with webhooks: they create, change, test and delete endpoints, with lines in the
-- activity log. Old deliveries are deleted.
-- depends: 0060_add_webhook_actions

ALTER TABLE webhook_endpoints ADD COLUMN gone_at timestamptz;
COMMENT ON COLUMN webhook_endpoints.gone_at IS
    'When an answer 410 has disabled it. NULL: it is enabled, or an admin has disabled it.';

ALTER TABLE webhook_deliveries ADD COLUMN attempted_at timestamptz;
COMMENT ON COLUMN webhook_deliveries.attempted_at IS
    'When the last attempt ended, with or without an answer. NULL: none has ended.';

-- No customer waits for this table.
-- list_webhook_deliveries.sql: what was sent to one endpoint, newest first.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX webhook_deliveries_by_endpoint ON webhook_deliveries (endpoint_id, id);

-- list_failing_webhook_deliveries.sql: of these, what failed.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX webhook_deliveries_failing
ON webhook_deliveries (endpoint_id, id)
WHERE last_error IS NOT NULL;

-- delete_old_deliveries(): what is over for long enough.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX webhook_deliveries_delivered
ON webhook_deliveries (delivered_at)
WHERE delivered_at IS NOT NULL;
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX webhook_deliveries_given_up
ON webhook_deliveries (given_up_at)
WHERE given_up_at IS NOT NULL;

COMMENT ON INDEX webhook_deliveries_by_endpoint IS 'For list_webhook_deliveries.';
COMMENT ON INDEX webhook_deliveries_failing IS
    'For list_failing_webhook_deliveries. Partial: most attempts succeed.';
COMMENT ON INDEX webhook_deliveries_delivered IS
    'For delete_old_deliveries. Partial: other deliveries are kept for longer.';
COMMENT ON INDEX webhook_deliveries_given_up IS
    'For delete_old_deliveries. Partial: few deliveries are given up.';

COMMENT ON TABLE activity IS
    'Append-only log: events created, edited, cancelled, completed; bookings cancelled; tickets '
    'admitted; users created or changed by an admin; messages sent to guests; webhooks created, '
    'changed, deleted, and facts that were sent to them again. A sale is its booking row. One '
    'partition a month; to delete an old month, drop its partition.';

CREATE OR REPLACE FUNCTION webhook_types()
RETURNS text[]
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN ARRAY[
    'booking.confirmed', 'booking.cancelled', 'ticket.admitted', 'event.created', 'event.changed',
    'event.cancelled', 'event.completed', 'event.message-sent', 'user.created', 'user.changed',
    'webhook.created', 'webhook.changed', 'webhook.deleted', 'webhook.replayed', 'customer.notice'
];
COMMENT ON FUNCTION webhook_types IS 'The types of messages that a webhook endpoint can ask for.';

CREATE OR REPLACE FUNCTION problem_name(p_code text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE p_code
    WHEN 'TK001' THEN 'sold-out'
    WHEN 'TK002' THEN 'event-not-found'
    WHEN 'TK003' THEN 'event-not-bookable'
    WHEN 'TK004' THEN 'quantity-not-allowed'
    WHEN 'TK005' THEN 'booking-not-found'
    WHEN 'TK006' THEN 'booking-not-cancellable'
    WHEN 'TK007' THEN 'idempotency-key-reused'
    WHEN 'TK008' THEN 'user-not-found'
    WHEN 'TK009' THEN 'ticket-not-found'
    WHEN 'TK010' THEN 'ticket-already-used'
    WHEN 'TK011' THEN 'ticket-cancelled'
    WHEN 'TK012' THEN 'ticket-for-another-event'
    WHEN 'TK013' THEN 'event-status-final'
    WHEN 'TK014' THEN 'capacity-below-sold'
    WHEN 'TK015' THEN 'date-time-in-past'
    WHEN 'TK016' THEN 'price-changed'
    WHEN 'TK017' THEN 'ticket-code-malformed'
    WHEN 'TK018' THEN 'edited-meanwhile'
    WHEN 'TK019' THEN 'too-many-attempts'
    WHEN 'TK020' THEN 'not-allowed'
    WHEN 'TK021' THEN 'webhook-not-found'
    WHEN 'TK022' THEN 'webhook-disabled'
    WHEN '23514' THEN 'check-violation'
END;
COMMENT ON FUNCTION problem_name IS
    'The name of a SQLSTATE that the functions raise; sql/README.md has the table with what each '
    'means.';

CREATE OR REPLACE VIEW facts AS
SELECT
    'booking' AS source,
    id,
    written_in,
    booking_date AS at,
    'booking.confirmed' AS type,
    event_id,
    id AS booking_id,
    user_id,
    jsonb_build_object(
        'booking_id', id,
        'event_id', event_id,
        'user_id', user_id,
        'booked_by', booked_by,
        'quantity', quantity,
        'unit_price', unit_price::text,
        'total_amount', total_amount::text
    ) AS data
FROM bookings
UNION ALL
SELECT
    'activity',
    id,
    written_in,
    at,
    CASE action
        WHEN 'event-created' THEN 'event.created'
        WHEN 'event-edited' THEN 'event.changed'
        WHEN 'event-cancelled' THEN 'event.cancelled'
        WHEN 'event-completed' THEN 'event.completed'
        WHEN 'booking-cancelled' THEN 'booking.cancelled'
        WHEN 'ticket-admitted' THEN 'ticket.admitted'
        WHEN 'user-created' THEN 'user.created'
        WHEN 'user-changed' THEN 'user.changed'
        WHEN 'event-message-sent' THEN 'event.message-sent'
        WHEN 'webhook-created' THEN 'webhook.created'
        WHEN 'webhook-changed' THEN 'webhook.changed'
        WHEN 'webhook-deleted' THEN 'webhook.deleted'
        WHEN 'webhook-replayed' THEN 'webhook.replayed'
    END,
    event_id,
    booking_id,
    user_id,
    jsonb_strip_nulls(
        jsonb_build_object(
            'actor_id', actor_id,
            'event_id', event_id,
            'booking_id', booking_id,
            'ticket_id', ticket_id,
            'user_id', user_id,
            'quantity', detail -> 'quantity',
            'total_amount', detail -> 'total_amount',
            'bookings_cancelled', detail -> 'bookings_cancelled',
            'tickets_cancelled', detail -> 'tickets_cancelled',
            'message_id', detail -> 'message_id',
            'people', detail -> 'people',
            'webhook_id', detail -> 'webhook_id'
        )
    ) || CASE
        WHEN event_id IS NULL OR detail -> 'was' IS NULL THEN '{}'
        ELSE jsonb_build_object(
            'was', public_changes(detail -> 'was'),
            'became', public_changes(detail -> 'became')
        )
    END
FROM activity;

CREATE FUNCTION new_webhook_secret()
RETURNS bytea
LANGUAGE sql
VOLATILE
-- A UUID of version 4 has 122 random bits, and the hash mixes those of three.
RETURN sha256(
    uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
);
COMMENT ON FUNCTION new_webhook_secret IS 'A key of 32 random bytes, which nobody can guess.';

CREATE FUNCTION webhook_secret_text(p_secret bytea)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN 'whsec_' || encode(p_secret, 'base64');
COMMENT ON FUNCTION webhook_secret_text IS
    'A secret as the Standard Webhooks specification writes it: whsec_ and base64.';

CREATE FUNCTION lock_webhook_endpoint(
    p_endpoint_id bigint,
    p_actor_id bigint
)
RETURNS webhook_endpoints
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_endpoint webhook_endpoints;
BEGIN
    PERFORM require_admin(p_actor_id);
    SELECT webhook_endpoints.*
    INTO v_endpoint
    FROM webhook_endpoints
    WHERE id = p_endpoint_id
    FOR NO KEY UPDATE;
    IF v_endpoint.id IS NULL THEN
        PERFORM raise_problem('TK021');
    END IF;
    RETURN v_endpoint;
END;
$$;
COMMENT ON FUNCTION lock_webhook_endpoint IS
    'Locks an endpoint for an admin, and returns its row. Raises TK021 when the endpoint is '
    'unknown, TK020 when the actor is not an admin.';

CREATE FUNCTION log_webhook(
    p_action activity_action,
    p_endpoint webhook_endpoints,
    p_actor_id bigint,
    p_detail jsonb DEFAULT '{}'
)
RETURNS void
LANGUAGE sql
VOLATILE
SET search_path = public, pg_temp
AS $$
    INSERT INTO activity (actor_id, action, detail)
    VALUES (
        p_actor_id,
        p_action,
        jsonb_build_object(
            'webhook_id', p_endpoint.id,
            'host', substring(p_endpoint.url FROM '^https?://(?:[^/?#]*@)?([^/?#]*)')
        )
            || p_detail
            || CASE
                WHEN p_actor_id IS NULL THEN jsonb_build_object('login', session_user)
                ELSE '{}'
            END
    );
$$;
COMMENT ON FUNCTION log_webhook IS
    'Writes a line about an endpoint into the activity log, without its secret.';

CREATE FUNCTION create_webhook_endpoint(
    p_url text,
    p_types text[],
    p_event_id bigint,
    p_actor_id bigint
)
RETURNS webhook_endpoints
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_endpoint webhook_endpoints;
BEGIN
    PERFORM require_admin(p_actor_id);
    INSERT INTO webhook_endpoints (url, types, event_id, secret)
    VALUES (p_url, p_types, p_event_id, new_webhook_secret())
    RETURNING * INTO v_endpoint;
    PERFORM log_webhook('webhook-created', v_endpoint, p_actor_id);
    RETURN v_endpoint;
END;
$$;
COMMENT ON FUNCTION create_webhook_endpoint IS
    'Creates an endpoint with a new secret, and returns its row. An unknown event violates '
    'webhook_endpoints_event_id_fkey. Raises TK020 when the actor is not an admin.';

CREATE FUNCTION update_webhook_endpoint(
    p_endpoint_id bigint,
    p_url text,
    p_types text[],
    p_event_id bigint,
    p_enabled boolean,
    p_actor_id bigint
)
RETURNS webhook_endpoints
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_was webhook_endpoints := lock_webhook_endpoint(p_endpoint_id, p_actor_id);
    v_new webhook_endpoints;
BEGIN
    UPDATE webhook_endpoints
    SET url = p_url,
        types = p_types,
        event_id = p_event_id,
        disabled_at = CASE WHEN NOT p_enabled THEN coalesce(disabled_at, clock_timestamp()) END,
        gone_at = CASE WHEN NOT p_enabled THEN gone_at END,
        failing_since = CASE WHEN NOT p_enabled OR disabled_at IS NULL THEN failing_since END
    WHERE id = p_endpoint_id
    RETURNING * INTO v_new;
    PERFORM log_webhook(
        'webhook-changed',
        v_new,
        p_actor_id,
        jsonb_build_object(
            'new_url', v_new.url <> v_was.url,
            'types', v_new.types,
            'event_id', v_new.event_id,
            'enabled', p_enabled
        )
    );
    RETURN v_new;
END;
$$;
COMMENT ON FUNCTION update_webhook_endpoint IS
    'Changes an endpoint, and returns its row. One that is enabled again no longer counts as '
    'failing. An unknown event violates webhook_endpoints_event_id_fkey. Raises TK021 when the '
    'endpoint is unknown, TK020 when the actor is not an admin.';

CREATE FUNCTION rotate_webhook_secret(
    p_endpoint_id bigint,
    p_actor_id bigint
)
RETURNS webhook_endpoints
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_endpoint webhook_endpoints := lock_webhook_endpoint(p_endpoint_id, p_actor_id);
BEGIN
    UPDATE webhook_endpoints
    SET secret = new_webhook_secret(),
        previous_secret = secret,
        previous_until = clock_timestamp() + interval '24 hours'
    WHERE id = p_endpoint_id
    RETURNING * INTO v_endpoint;
    PERFORM log_webhook(
        'webhook-changed', v_endpoint, p_actor_id, jsonb_build_object('new_secret', true)
    );
    RETURN v_endpoint;
END;
$$;
COMMENT ON FUNCTION rotate_webhook_secret IS
    'Gives an endpoint a new secret, and returns its row. The previous secret signs as well for 24 '
    'hours. Raises TK021 when the endpoint is unknown, TK020 when the actor is not an admin.';

CREATE FUNCTION delete_webhook_endpoint(
    p_endpoint_id bigint,
    p_actor_id bigint
)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_endpoint webhook_endpoints := lock_webhook_endpoint(p_endpoint_id, p_actor_id);
BEGIN
    DELETE FROM webhook_endpoints WHERE id = p_endpoint_id;
    PERFORM log_webhook('webhook-deleted', v_endpoint, p_actor_id);
END;
$$;
COMMENT ON FUNCTION delete_webhook_endpoint IS
    'Deletes an endpoint and everything that was to be sent to it. Raises TK021 when the endpoint '
    'is unknown, TK020 when the actor is not an admin.';

CREATE FUNCTION test_webhook_endpoint(
    p_endpoint_id bigint,
    p_actor_id bigint
)
RETURNS webhook_deliveries
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_endpoint webhook_endpoints := lock_webhook_endpoint(p_endpoint_id, p_actor_id);
    v_delivery webhook_deliveries;
BEGIN
    IF v_endpoint.disabled_at IS NOT NULL THEN
        PERFORM raise_problem('TK022');
    END IF;
    INSERT INTO webhook_deliveries (
        endpoint_id, source, source_id, type, body, next_attempt_at
    )
    VALUES (
        p_endpoint_id,
        'test',
        -- Unlike a number of tests, it is not used again once old deliveries are deleted.
        extract(epoch FROM clock_timestamp()) * 1000000,
        'webhook.test',
        jsonb_build_object(
            'type', 'webhook.test',
            'timestamp', to_char(
                timezone('UTC', clock_timestamp()), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
            ),
            'data', jsonb_build_object('webhook_id', p_endpoint_id)
        )::text,
        -- Before everything that waits, because a person is looking.
        timestamptz '1970-01-01 00:00:00+00'
    )
    RETURNING * INTO v_delivery;
    RETURN v_delivery;
END;
$$;
COMMENT ON FUNCTION test_webhook_endpoint IS
    'Has a message of the type webhook.test sent to an endpoint once, before everything that '
    'waits, and returns the delivery. Raises TK021 when the endpoint is unknown, TK022 when it is '
    'disabled, TK020 when the actor is not an admin.';

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

CREATE OR REPLACE FUNCTION replay_facts(
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

GRANT SELECT (gone_at) ON webhook_endpoints TO ticketing_api;
GRANT EXECUTE ON FUNCTION create_webhook_endpoint TO ticketing_api;
GRANT EXECUTE ON FUNCTION update_webhook_endpoint TO ticketing_api;
GRANT EXECUTE ON FUNCTION rotate_webhook_secret TO ticketing_api;
GRANT EXECUTE ON FUNCTION delete_webhook_endpoint TO ticketing_api;
GRANT EXECUTE ON FUNCTION test_webhook_endpoint TO ticketing_api;
GRANT EXECUTE ON FUNCTION webhook_secret_text TO PUBLIC;
GRANT EXECUTE ON FUNCTION delete_old_deliveries TO ticketing_api;

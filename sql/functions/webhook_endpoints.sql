-- The only ways in which the API writes webhook endpoints, all of them for admins. Changes leave a
-- line in the activity log, which names the host only: the rest of an address may hold a password.

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

-- A request to create a webhook endpoint may carry an idempotency key: repeating it makes no second
-- endpoint.
-- depends: 0111_second_factor

CREATE TABLE webhook_creations (
    key_hash     bytea  NOT NULL,
    request_hash bytea  NOT NULL,
    endpoint_id  bigint NOT NULL,
    CONSTRAINT webhook_creations_pkey PRIMARY KEY (key_hash),
    CONSTRAINT webhook_creations_one_per_endpoint UNIQUE (endpoint_id),
    CONSTRAINT webhook_creations_endpoint_id_fkey
        FOREIGN KEY (endpoint_id) REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
    CONSTRAINT webhook_creations_key_hash_is_sha256 CHECK (octet_length(key_hash) = 32),
    CONSTRAINT webhook_creations_request_hash_is_sha256 CHECK (octet_length(request_hash) = 32)
);

COMMENT ON TABLE webhook_creations IS
    'Webhook endpoints that were made with an idempotency key. Written by '
    'create_webhook_endpoint_once().';
COMMENT ON COLUMN webhook_creations.key_hash IS
    'SHA-256 of the admin and the key that the client chose. The key itself is not kept, because '
    'for 24 hours it returns the secret.';
COMMENT ON COLUMN webhook_creations.request_hash IS
    'SHA-256 of what was asked for: a request for something else may not use this key.';
COMMENT ON COLUMN webhook_creations.endpoint_id IS 'The endpoint that the request made.';

CREATE FUNCTION create_webhook_endpoint_once(
    p_url text,
    p_types text[],
    p_event_id bigint,
    p_actor_id bigint,
    p_idempotency_key text
)
RETURNS TABLE (endpoint webhook_endpoints, replayed boolean)
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
#variable_conflict use_column
DECLARE
    v_key constant text := p_actor_id || ' ' || p_idempotency_key;
    v_key_hash constant bytea := sha256(convert_to(v_key, 'UTF8'));
    v_hash constant bytea := sha256(
        convert_to(jsonb_build_array(p_url, p_types, p_event_id)::text, 'UTF8')
    );
    v_earlier webhook_creations;
    v_endpoint webhook_endpoints;
BEGIN
    PERFORM require_admin(p_actor_id);
    IF p_idempotency_key IS NOT NULL THEN
        -- Of two requests at once with one key, the second waits here and then finds the endpoint.
        PERFORM pg_advisory_xact_lock(hashtextextended(v_key, 0));
        SELECT webhook_creations.*
        INTO v_earlier
        FROM webhook_creations
        JOIN webhook_endpoints ON webhook_endpoints.id = endpoint_id
        WHERE key_hash = v_key_hash
            AND created_at > clock_timestamp() - interval '24 hours';
    END IF;
    IF v_earlier.request_hash <> v_hash THEN
        PERFORM raise_problem('TK007');
    ELSIF v_earlier.endpoint_id IS NOT NULL THEN
        PERFORM wait_for_standby_at_commit();
        SELECT webhook_endpoints.*
        INTO v_endpoint
        FROM webhook_endpoints
        WHERE id = v_earlier.endpoint_id;
    ELSE
        v_endpoint := create_webhook_endpoint(p_url, p_types, p_event_id, p_actor_id);
        IF p_idempotency_key IS NOT NULL THEN
            INSERT INTO webhook_creations (key_hash, request_hash, endpoint_id)
            VALUES (v_key_hash, v_hash, v_endpoint.id)
            ON CONFLICT (key_hash) DO UPDATE
            SET request_hash = excluded.request_hash,
                endpoint_id = excluded.endpoint_id;
        END IF;
    END IF;
    RETURN QUERY SELECT v_endpoint, v_earlier.endpoint_id IS NOT NULL;
END;
$$;
COMMENT ON FUNCTION create_webhook_endpoint_once IS
    'Creates an endpoint as create_webhook_endpoint() does and returns it. Within 24 hours, a '
    'request with the same key by the same admin returns the endpoint as it is now, with its '
    'secret, and replayed is true; later the key makes another endpoint, so that no key reads a '
    'secret for ever. p_idempotency_key NULL: the request has no key. Raises TK007 when the key '
    'made another endpoint, and what create_webhook_endpoint() raises.';

GRANT EXECUTE ON FUNCTION create_webhook_endpoint_once TO ticketing_api;

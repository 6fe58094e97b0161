-- create_webhook_endpoint_once: an admin creates an endpoint, and a repeated request makes no second
-- one.

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

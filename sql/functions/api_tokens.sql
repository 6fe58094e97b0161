-- API tokens and door passes: until when they are valid, and the only ways in which the API writes
-- them. What admins do with them leaves a line in the activity log.

CREATE FUNCTION token_expires_at(
    p_token api_tokens,
    p_event events
)
RETURNS timestamptz
LANGUAGE sql
STABLE
PARALLEL SAFE
-- least() leaves out what is NULL.
RETURN least(
    p_token.expires_at,
    CASE WHEN p_token.is_pass THEN door_closes_at(p_event) END
);
COMMENT ON FUNCTION token_expires_at IS
    'When a token ends, given its event. A door pass ends with the door of its event at the '
    'latest.';

CREATE FUNCTION token_usable(
    p_token api_tokens,
    p_user users,
    p_event events
)
RETURNS boolean
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN p_token.revoked_at IS NULL
    AND p_user.role = 'admin'
    AND p_user.disabled_at IS NULL
    AND p_user.erased_at IS NULL
    AND token_expires_at(p_token, p_event) > now();
COMMENT ON FUNCTION token_usable IS
    'Whether a token may be used now, given its user and its event: it is not revoked, it has not '
    'ended, and its user is an admin who may sign in.';

CREATE FUNCTION log_token(
    p_action activity_action,
    p_token api_tokens,
    p_actor_id bigint
)
RETURNS void
LANGUAGE sql
VOLATILE
SET search_path = public, pg_temp
AS $$
    INSERT INTO activity (actor_id, action, event_id, user_id, detail)
    VALUES (
        p_actor_id,
        p_action,
        p_token.event_id,
        p_token.user_id,
        jsonb_build_object(
            'token_id', p_token.id,
            'scopes', p_token.scopes,
            'is_pass', p_token.is_pass
        )
            || CASE
                WHEN p_actor_id IS NULL THEN jsonb_build_object('login', session_user)
                ELSE '{}'
            END
    );
$$;
COMMENT ON FUNCTION log_token IS
    'Writes a line about a token into the activity log, without its name, which may be a '
    'person''s.';

CREATE FUNCTION create_api_token(
    p_token_hash bytea,
    p_name text,
    p_scopes token_scope[],
    p_event_id bigint,
    p_expires_at timestamptz,
    p_actor_id bigint
)
RETURNS api_tokens
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_token api_tokens;
BEGIN
    PERFORM require_admin(p_actor_id);
    INSERT INTO api_tokens (token_hash, name, user_id, scopes, event_id, expires_at)
    VALUES (p_token_hash, p_name, p_actor_id, p_scopes, p_event_id, p_expires_at)
    RETURNING * INTO v_token;
    PERFORM log_token('token-created', v_token, p_actor_id);
    RETURN v_token;
END;
$$;
COMMENT ON FUNCTION create_api_token IS
    'Creates a token that acts for the actor, and returns its row. An unknown event violates '
    'api_tokens_event_id_fkey, and another time than within 366 days '
    'api_tokens_expire_within_a_year. Raises TK020 when the actor is not an admin.';

CREATE FUNCTION create_door_pass(
    p_token_hash bytea,
    p_event_id bigint,
    p_name text,
    p_actor_id bigint
)
RETURNS api_tokens
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_event events;
    v_token api_tokens;
BEGIN
    PERFORM require_admin(p_actor_id);
    SELECT events.* INTO v_event FROM events WHERE id = p_event_id;
    IF v_event.id IS NULL THEN
        PERFORM raise_problem('TK002');
    ELSIF door_closes_at(v_event) <= now() THEN
        RETURN NULL;
    END IF;
    INSERT INTO api_tokens (token_hash, name, user_id, scopes, event_id, is_pass, expires_at)
    VALUES (
        p_token_hash,
        p_name,
        p_actor_id,
        '{door}',
        p_event_id,
        true,
        now() + interval '8784 hours'
    )
    RETURNING * INTO v_token;
    PERFORM log_token('token-created', v_token, p_actor_id);
    RETURN v_token;
END;
$$;
COMMENT ON FUNCTION create_door_pass IS
    'Creates a door pass for an event, and returns its row; NULL when the door of the event has '
    'closed. Raises TK002 when the event is unknown, TK020 when the actor is not an admin.';

CREATE FUNCTION revoke_api_token(
    p_token_id bigint,
    p_actor_id bigint
)
RETURNS api_tokens
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_token api_tokens;
BEGIN
    PERFORM require_admin(p_actor_id);
    SELECT api_tokens.* INTO v_token FROM api_tokens WHERE id = p_token_id FOR NO KEY UPDATE;
    IF v_token.id IS NULL OR v_token.revoked_at IS NOT NULL THEN
        -- A token that is revoked already must stay revoked, too.
        PERFORM wait_for_standby_at_commit();
        RETURN v_token;
    END IF;
    UPDATE api_tokens
    SET revoked_at = clock_timestamp()
    WHERE id = p_token_id
    RETURNING * INTO v_token;
    DELETE FROM pass_sessions WHERE pass_id = p_token_id;
    PERFORM log_token('token-revoked', v_token, p_actor_id);
    RETURN v_token;
END;
$$;
COMMENT ON FUNCTION revoke_api_token IS
    'Ends a token or a door pass with its sessions, and returns its row; NULL when it is unknown. '
    'Revoking it again changes nothing. Raises TK020 when the actor is not an admin.';

CREATE FUNCTION note_token_use(p_token_id bigint)
RETURNS void
LANGUAGE sql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    UPDATE api_tokens
    SET last_used_on = timezone('UTC', now())::date
    WHERE id = (
        SELECT id
        FROM api_tokens
        WHERE id = p_token_id
            AND last_used_on IS DISTINCT FROM timezone('UTC', now())::date
        -- Of requests at the same time one writes, and the others do not wait for it.
        FOR NO KEY UPDATE SKIP LOCKED
    );
$$;
COMMENT ON FUNCTION note_token_use IS
    'Writes down that a token was used today (UTC), unless that is known.';

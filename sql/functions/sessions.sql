-- How long a session is valid, and how one begins. A session ends when it has not been used for a
-- while, and at a fixed time even if it is used. For admins both come sooner.

CREATE FUNCTION session_lasts(p_role user_role)
RETURNS interval
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE p_role
    WHEN 'admin' THEN interval '12 hours'
    ELSE interval '30 days'
END;
COMMENT ON FUNCTION session_lasts IS
    'After how long a session ends even if it is used: 12 hours for an admin, 30 days for a '
    'customer.';

CREATE FUNCTION session_may_idle(p_role user_role)
RETURNS interval
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE p_role
    WHEN 'admin' THEN interval '1 hour'
    ELSE interval '14 days'
END;
COMMENT ON FUNCTION session_may_idle IS
    'After how long a session ends when it is not used: 1 hour for an admin, 14 days for a '
    'customer.';

CREATE FUNCTION session_ends_at(
    p_role user_role,
    p_created_at timestamptz,
    p_expires_at timestamptz,
    p_last_seen_at timestamptz
)
RETURNS timestamptz
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN least(
    p_expires_at,
    -- The role may have changed since the session began.
    p_created_at + session_lasts(p_role),
    p_last_seen_at + session_may_idle(p_role)
);
COMMENT ON FUNCTION session_ends_at IS
    'When a session ends if it is not used again, by the role that its user has now.';

CREATE FUNCTION session_seen_long_ago(p_last_seen_at timestamptz)
RETURNS boolean
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN p_last_seen_at < now() - interval '5 minutes';
COMMENT ON FUNCTION session_seen_long_ago IS
    'Whether it is to be written that a session is used: for five minutes it was not.';

CREATE FUNCTION session_is_confirmed(p_confirmed_at timestamptz)
RETURNS boolean
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN coalesce(p_confirmed_at > now() - interval '15 minutes', false);
COMMENT ON FUNCTION session_is_confirmed IS
    'Whether the password, and the second factor if it is on, were given in a session within 15 '
    'minutes.';

CREATE FUNCTION mark_sessions_seen(p_session_ids bigint[])
RETURNS void
LANGUAGE sql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    UPDATE sessions
    SET last_seen_at = now()
    WHERE id IN (
        SELECT id
        FROM sessions
        WHERE id = ANY (p_session_ids)
            AND session_seen_long_ago(last_seen_at)
        -- Another process may be writing the same, and a session that is being ended needs no mark.
        FOR NO KEY UPDATE SKIP LOCKED
    );
$$;
COMMENT ON FUNCTION mark_sessions_seen IS
    'Writes that sessions are used now, for those of which this was not written for five minutes.';

CREATE FUNCTION begin_session(
    p_user_id bigint,
    p_role user_role,
    p_token_hash bytea,
    p_address inet,
    p_browser text
)
RETURNS sessions
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_session sessions;
BEGIN
    DELETE FROM sessions
    WHERE token_hash IN (
        SELECT token_hash
        FROM sessions
        WHERE expires_at < now()
        ORDER BY expires_at
        LIMIT 10
        FOR UPDATE SKIP LOCKED
    );
    -- With the new one they are a hundred. Only what is deleted is locked: OFFSET beside FOR UPDATE
    -- would lock the others, too.
    DELETE FROM sessions
    WHERE token_hash IN (
        SELECT token_hash
        FROM sessions
        WHERE token_hash IN (
                SELECT token_hash
                FROM sessions
                WHERE user_id = p_user_id
                ORDER BY last_seen_at DESC
                OFFSET 99
            )
        FOR UPDATE SKIP LOCKED
    );
    INSERT INTO sessions (
        token_hash, user_id, expires_at, network, browser, awaits_second_factor
    )
    VALUES (
        p_token_hash,
        p_user_id,
        now() + session_lasts(p_role),
        client_network(p_address),
        p_browser,
        has_second_factor(p_user_id)
    )
    RETURNING * INTO v_session;
    RETURN v_session;
END;
$$;
COMMENT ON FUNCTION begin_session IS
    'Begins a session and returns it. Where the second factor is on, the session awaits it. '
    'Removes some expired sessions, and those of the user that were used least recently, so that '
    'nobody has more than a hundred.';

CREATE FUNCTION renew_session(
    p_session_id bigint,
    p_user_id bigint,
    p_token_hash bytea,
    p_with_factor boolean
)
RETURNS integer
LANGUAGE sql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
    UPDATE sessions
    SET token_hash = p_token_hash,
        confirmed_at = now(),
        second_factor_at = CASE WHEN p_with_factor THEN now() ELSE second_factor_at END,
        awaits_second_factor = awaits_second_factor AND NOT p_with_factor
    WHERE id = p_session_id
        AND user_id = p_user_id
    RETURNING extract(epoch FROM expires_at - now())::integer;
$$;
COMMENT ON FUNCTION renew_session IS
    'Writes that the password was given again in a session, and with p_with_factor the second '
    'factor. The session gets a new token, and the function returns for how many seconds it is '
    'valid. NULL: the session has ended.';

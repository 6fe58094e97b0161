-- A session has an id, and says when it was last used, from where and in which browser. It ends
-- when it is not used, for admins soon.
-- depends: 0076_own_phones
-- squawk-ignore-file adding-field-with-default, constraint-missing-not-valid, disallowed-unique-constraint

-- The ids make PostgreSQL write the table anew. It is small: a row for each browser in which
-- somebody has signed in within the last 30 days.
ALTER TABLE sessions
    ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY,
    ADD COLUMN last_seen_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN network inet,
    ADD COLUMN browser text,
    ADD CONSTRAINT sessions_id_unique UNIQUE (id),
    ADD CONSTRAINT sessions_browser_not_blank CHECK (NOT is_blank(browser)),
    ADD CONSTRAINT sessions_browser_within_200 CHECK (char_length(browser) <= 200),
    ADD CONSTRAINT sessions_browser_one_line CHECK (NOT has_control_characters(browser));

COMMENT ON COLUMN sessions.expires_at IS
    'When it ends at the latest. It ends earlier when it is not used: see session_ends_at().';
COMMENT ON COLUMN sessions.id IS 'By which its user names it, without the token.';
COMMENT ON COLUMN sessions.last_seen_at IS
    'When it was last used, up to five minutes late: see mark_sessions_seen().';
COMMENT ON COLUMN sessions.network IS
    'Where it began: client_network() of the address. NULL: not known.';
COMMENT ON COLUMN sessions.browser IS
    'What it began in, in a few words, such as Firefox on Android. NULL: not known.';
COMMENT ON INDEX sessions_by_user IS 'For listing and ending the sessions of a user.';

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
    INSERT INTO sessions (token_hash, user_id, expires_at, network, browser)
    VALUES (
        p_token_hash,
        p_user_id,
        now() + session_lasts(p_role),
        client_network(p_address),
        p_browser
    )
    RETURNING * INTO v_session;
    RETURN v_session;
END;
$$;
COMMENT ON FUNCTION begin_session IS
    'Begins a session and returns it. Removes some expired sessions, and those of the user that '
    'were used least recently, so that nobody has more than a hundred.';

CREATE FUNCTION end_sign_in(
    p_attempt_id bigint,
    p_token_hash bytea,
    p_user_id bigint,
    p_password_hash text,
    p_address inet,
    p_browser text
)
RETURNS TABLE (
    id bigint,
    name text,
    phone text,
    role user_role,
    created_at timestamptz,
    expires_at timestamptz,
    lasts_seconds integer
)
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
#variable_conflict use_column
DECLARE
    v_user users;
    v_session sessions;
BEGIN
    -- The password may have been changed, or the account disabled, since it was verified. With this
    -- lock such a change waits until the session is there, and then ends it.
    SELECT users.* INTO v_user
    FROM users
    WHERE id = p_user_id
        AND password_hash = p_password_hash
        AND disabled_at IS NULL
    FOR SHARE;
    IF v_user.id IS NULL THEN
        RETURN;
    END IF;

    DELETE FROM sign_in_failures WHERE id = p_attempt_id;
    v_session := begin_session(v_user.id, v_user.role, p_token_hash, p_address, p_browser);
    RETURN QUERY
    SELECT
        v_user.id,
        v_user.name,
        v_user.phone,
        v_user.role,
        v_user.created_at,
        v_session.expires_at,
        extract(epoch FROM v_session.expires_at - v_session.created_at)::integer;
END;
$$;
COMMENT ON FUNCTION end_sign_in(bigint, bytea, bigint, text, inet, text) IS
    'Begins a session, returns its user, when it ends at the latest and how many seconds that is '
    'from now, and takes back the failure that the attempt counted as. Returns no row and changes '
    'nothing when the user''s password hash is no longer the one that was verified, or the user is '
    'disabled.';

CREATE OR REPLACE FUNCTION end_sign_in(
    p_attempt_id bigint,
    p_token_hash bytea,
    p_user_id bigint,
    p_password_hash text
)
RETURNS TABLE (
    id bigint,
    name text,
    phone text,
    role user_role,
    created_at timestamptz,
    expires_at timestamptz
)
LANGUAGE sql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
    SELECT id, name, phone, role, created_at, expires_at
    FROM end_sign_in(p_attempt_id, p_token_hash, p_user_id, p_password_hash, NULL, NULL);
$$;
COMMENT ON FUNCTION end_sign_in(bigint, bytea, bigint, text) IS
    'For API processes of the release before, while they are being replaced: the same without '
    'network and browser.';

GRANT EXECUTE ON FUNCTION
    session_ends_at,
    session_lasts,
    session_may_idle,
    session_seen_long_ago
TO PUBLIC;
GRANT EXECUTE ON FUNCTION mark_sessions_seen TO ticketing_api;
GRANT EXECUTE ON FUNCTION end_sign_in(bigint, bytea, bigint, text, inet, text) TO ticketing_api;

-- Takes 0080_know_sessions back.

DROP FUNCTION end_sign_in(bigint, bytea, bigint, text, inet, text);

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
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
#variable_conflict use_column
DECLARE
    v_user users;
BEGIN
    -- The password may have been changed since it was verified. With this lock a change waits until
    -- the session is there, and then ends it.
    SELECT users.* INTO v_user
    FROM users
    WHERE id = p_user_id
        AND password_hash = p_password_hash
    FOR SHARE;
    IF v_user.id IS NULL THEN
        RETURN;
    END IF;

    DELETE FROM sign_in_failures WHERE id = p_attempt_id;
    DELETE FROM sessions
    WHERE token_hash IN (
        SELECT token_hash
        FROM sessions
        WHERE expires_at < now()
        ORDER BY expires_at
        LIMIT 10
        FOR UPDATE SKIP LOCKED
    );
    RETURN QUERY
    INSERT INTO sessions (token_hash, user_id)
    VALUES (p_token_hash, p_user_id)
    RETURNING
        v_user.id,
        v_user.name,
        v_user.phone,
        v_user.role,
        v_user.created_at,
        sessions.expires_at;
END;
$$;
COMMENT ON FUNCTION end_sign_in IS
    'Begins a session, returns its user, and takes back the failure that the attempt counted as. '
    'Returns no row and changes nothing when the user''s password hash is no longer the one that '
    'was verified. Removes some expired sessions.';

DROP FUNCTION begin_session(bigint, user_role, bytea, inet, text);
DROP FUNCTION mark_sessions_seen(bigint[]);
DROP FUNCTION session_seen_long_ago(timestamptz);
DROP FUNCTION session_ends_at(user_role, timestamptz, timestamptz, timestamptz);
DROP FUNCTION session_may_idle(user_role);
DROP FUNCTION session_lasts(user_role);

ALTER TABLE sessions
    DROP COLUMN browser,
    DROP COLUMN network,
    DROP COLUMN last_seen_at,
    DROP COLUMN id;
COMMENT ON COLUMN sessions.expires_at IS NULL;
COMMENT ON INDEX sessions_by_user IS 'For ending all sessions of a user.';

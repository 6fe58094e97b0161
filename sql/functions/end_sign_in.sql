-- end_sign_in: what follows begin_sign_in() when the password was right.

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
    lasts_seconds integer,
    awaits_second_factor boolean
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
        extract(epoch FROM v_session.expires_at - v_session.created_at)::integer,
        v_session.awaits_second_factor;
END;
$$;
COMMENT ON FUNCTION end_sign_in(bigint, bytea, bigint, text, inet, text) IS
    'Begins a session, returns its user, when it ends at the latest, how many seconds that is from '
    'now, and whether the second factor must follow, and takes back the failure that the attempt '
    'counted as. Returns no row and changes nothing when the user''s password hash is no longer '
    'the one that was verified, or the user is disabled.';

CREATE FUNCTION end_sign_in(
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

-- A phone at the door: begin_pass_session() and end_pass_session().

CREATE FUNCTION begin_pass_session(
    p_pass_hash bytea,
    p_token_hash bytea
)
RETURNS bigint
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_pass_id bigint;
BEGIN
    SELECT api_tokens.id
    INTO v_pass_id
    FROM api_tokens
    JOIN users ON users.id = api_tokens.user_id
    JOIN events ON events.id = api_tokens.event_id
    WHERE api_tokens.token_hash = p_pass_hash
        AND is_pass
        AND token_usable(api_tokens, users, events)
    FOR NO KEY UPDATE OF api_tokens;
    IF v_pass_id IS NULL THEN
        RETURN NULL;
    END IF;
    -- Anyone who has the secret can begin sessions, so their number must have an end.
    DELETE FROM pass_sessions
    WHERE token_hash IN (
        SELECT token_hash
        FROM pass_sessions
        WHERE pass_id = v_pass_id
        ORDER BY created_at DESC
        OFFSET 99
    );
    INSERT INTO pass_sessions (token_hash, pass_id) VALUES (p_token_hash, v_pass_id);
    RETURN v_pass_id;
END;
$$;
COMMENT ON FUNCTION begin_pass_session IS
    'Begins the session of a phone with a door pass, and returns the id of the pass; NULL when no '
    'usable pass has this hash. A pass has a hundred sessions at most: the oldest end.';

CREATE FUNCTION end_pass_session(p_token_hash bytea)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
BEGIN
    DELETE FROM pass_sessions WHERE token_hash = p_token_hash;
    IF NOT FOUND THEN
        -- A session that is gone already must stay gone, too.
        PERFORM wait_for_standby_at_commit();
    END IF;
END;
$$;
COMMENT ON FUNCTION end_pass_session IS 'Ends the session of a phone, if there is one.';

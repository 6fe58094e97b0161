-- confirm_password: what follows begin_sign_in() when a user who is signed in gives the password
-- again, before a change that somebody at an unlocked computer may not make.

CREATE FUNCTION confirm_password(
    p_attempt_id bigint,
    p_user_id bigint,
    p_password_hash text
)
RETURNS boolean
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
BEGIN
    -- The password may have been changed since it was verified.
    PERFORM
    FROM users
    WHERE id = p_user_id
        AND password_hash = p_password_hash
    FOR SHARE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    DELETE FROM sign_in_failures WHERE id = p_attempt_id;
    RETURN true;
END;
$$;
COMMENT ON FUNCTION confirm_password IS
    'Takes back the failure that a right password counted as, and returns true. Returns false and '
    'changes nothing when the user''s password hash is no longer the one that was verified.';

-- The private calendar address of a customer: make_calendar() and end_calendar().

CREATE FUNCTION make_calendar(
    p_user_id bigint,
    p_secret_hash bytea
)
RETURNS calendars
LANGUAGE sql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    SELECT require_user(p_user_id);
    INSERT INTO calendars (user_id, secret_hash)
    VALUES (p_user_id, p_secret_hash)
    ON CONFLICT (user_id) DO UPDATE
        SET secret_hash = excluded.secret_hash,
            created_at = excluded.created_at
    RETURNING *;
$$;
COMMENT ON FUNCTION make_calendar IS
    'Gives a customer a private calendar address. An address from before no longer works. Raises '
    'TK008 when the user is unknown, TK053 when the user is erased.';

CREATE FUNCTION end_calendar(p_user_id bigint)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
BEGIN
    DELETE FROM calendars WHERE user_id = p_user_id;
    IF NOT FOUND THEN
        -- An address that is gone already must stay gone, too.
        PERFORM wait_for_standby_at_commit();
    END IF;
END;
$$;
COMMENT ON FUNCTION end_calendar IS
    'Ends the private calendar address of a customer, if there is one.';

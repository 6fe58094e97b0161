-- The errors of the booking rules: one SQLSTATE each, in a class of their own. DETAIL is a JSON
-- object with the facts a client needs.

CREATE FUNCTION problem_name(p_code text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE p_code
    WHEN 'TK001' THEN 'sold-out'
    WHEN 'TK002' THEN 'event-not-found'
    WHEN 'TK003' THEN 'event-not-bookable'
    WHEN 'TK004' THEN 'quantity-not-allowed'
    WHEN 'TK005' THEN 'booking-not-found'
    WHEN 'TK006' THEN 'booking-not-cancellable'
    WHEN 'TK007' THEN 'idempotency-key-reused'
    WHEN 'TK008' THEN 'user-not-found'
    WHEN 'TK009' THEN 'ticket-not-found'
    WHEN 'TK010' THEN 'ticket-already-used'
    WHEN 'TK011' THEN 'ticket-cancelled'
    WHEN 'TK012' THEN 'ticket-for-another-event'
    WHEN 'TK013' THEN 'event-status-final'
    WHEN 'TK014' THEN 'capacity-below-sold'
    WHEN 'TK015' THEN 'date-time-in-past'
    WHEN 'TK016' THEN 'price-changed'
    WHEN 'TK017' THEN 'ticket-code-malformed'
    WHEN 'TK018' THEN 'edited-meanwhile'
    WHEN 'TK019' THEN 'too-many-attempts'
    WHEN 'TK020' THEN 'not-allowed'
    WHEN 'TK021' THEN 'webhook-not-found'
    WHEN 'TK022' THEN 'webhook-disabled'
    WHEN 'TK023' THEN 'customer-limit'
    WHEN 'TK030' THEN 'last-admin'
    WHEN 'TK051' THEN 'upcoming-bookings'
    WHEN 'TK053' THEN 'user-erased'
    WHEN '23514' THEN 'check-violation'
END;
COMMENT ON FUNCTION problem_name IS
    'The name of a SQLSTATE that the functions raise; sql/README.md has the table with what each '
    'means.';

CREATE FUNCTION raise_problem(
    p_code text,
    p_detail jsonb DEFAULT '{}'
)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION '%', problem_name(p_code)
        USING ERRCODE = p_code, DETAIL = p_detail::text;
END;
$$;
COMMENT ON FUNCTION raise_problem IS
    'Raises the problem with this SQLSTATE; its name is the message, its facts the DETAIL.';

CREATE FUNCTION require_admin(p_actor_id bigint)
RETURNS void
LANGUAGE plpgsql
STABLE
SET search_path = public, pg_temp
AS $$
BEGIN
    IF p_actor_id IS NOT NULL
        AND NOT EXISTS (SELECT FROM users WHERE id = p_actor_id AND role = 'admin')
    THEN
        PERFORM raise_problem('TK020');
    END IF;
END;
$$;
COMMENT ON FUNCTION require_admin IS
    'Raises TK020 unless the actor is an admin. NULL passes: it stands for a person in psql, where '
    'nobody signs in. The API checks first; this catches a handler that forgets to.';

CREATE FUNCTION require_user(p_user_id bigint)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_erased_at timestamptz;
BEGIN
    SELECT erased_at INTO v_erased_at FROM users WHERE id = p_user_id FOR KEY SHARE;
    IF NOT FOUND THEN
        PERFORM raise_problem('TK008');
    ELSIF v_erased_at IS NOT NULL THEN
        PERFORM raise_problem('TK053');
    END IF;
END;
$$;
COMMENT ON FUNCTION require_user IS
    'Raises TK008 when there is no such user, and TK053 when the user is erased. Until the end of '
    'the transaction nobody erases the user.';

CREATE FUNCTION may_act_for(
    p_user_id bigint,
    p_actor_id bigint
)
RETURNS boolean
LANGUAGE sql
STABLE
RETURN p_actor_id = p_user_id OR EXISTS (
    SELECT FROM users WHERE id = p_actor_id AND role = 'admin'
);
COMMENT ON FUNCTION may_act_for IS
    'Whether the actor may see and change what belongs to a user: it is the actor, or the actor is '
    'an admin.';

-- Takes 0082_administer_accounts back. Accounts that are disabled can sign in then.

COMMENT ON COLUMN users.role IS 'Set when the user is created, or by make_admin; the API role may not change it.';

CREATE OR REPLACE VIEW customers AS
SELECT
    users.id AS user_id,
    users.name,
    mask_phone(users.phone) AS phone,
    users.role,
    users.created_at AS since,
    users.password_hash IS NOT NULL AS can_sign_in,
    bought.first_booking,
    bought.last_booking,
    coalesce(bought.bookings, 0) AS bookings,
    coalesce(bought.cancellations, 0) AS cancellations,
    coalesce(bought.tickets, 0) AS tickets,
    coalesce(bought.spent, 0) AS spent
FROM users
LEFT JOIN (
    SELECT
        user_id,
        min(booking_date) AS first_booking,
        max(booking_date) AS last_booking,
        count(*) FILTER (WHERE status = 'confirmed') AS bookings,
        count(*) FILTER (WHERE status = 'cancelled') AS cancellations,
        sum(quantity) FILTER (WHERE status = 'confirmed') AS tickets,
        sum(total_amount) FILTER (WHERE status = 'confirmed') AS spent
    FROM bookings
    GROUP BY user_id
) AS bought ON bought.user_id = users.id;

COMMENT ON COLUMN customers.can_sign_in IS 'False: created at the box office, without a password.';

CREATE OR REPLACE FUNCTION make_admin(
    p_name text,
    p_phone text,
    p_password_hash text
)
RETURNS bigint
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_user_id bigint;
    v_is_new boolean;
BEGIN
    INSERT INTO users (name, phone, role, password_hash)
    VALUES (p_name, p_phone, 'admin', p_password_hash)
    ON CONFLICT (phone) WHERE phone_lost_at IS NULL DO UPDATE
    SET name = excluded.name,
        role = 'admin',
        password_hash = excluded.password_hash
    -- A row that was there before has the lock of its update in xmax.
    RETURNING id, xmax = 0 INTO v_user_id, v_is_new;
    -- Anyone who signed in with the old password is signed out.
    DELETE FROM sessions WHERE user_id = v_user_id;
    IF v_is_new THEN
        INSERT INTO activity (action, user_id, detail)
        VALUES ('user-created', v_user_id, jsonb_build_object('name', p_name, 'role', 'admin'));
    ELSE
        INSERT INTO activity (action, user_id, detail)
        VALUES (
            'user-changed',
            v_user_id,
            jsonb_build_object(
                'became', jsonb_build_object('name', p_name, 'role', 'admin'),
                'new_password', true
            )
        );
    END IF;
    RETURN v_user_id;
END;
$$;
COMMENT ON FUNCTION make_admin IS
    'Creates an admin, or makes the user with this phone one, with a new name and password. For '
    'the owner of the database (make admin): the API may not call it.';

CREATE OR REPLACE FUNCTION begin_sign_in(
    p_phone text,
    p_address inet
)
RETURNS TABLE (
    attempt_id bigint,
    user_id bigint,
    password_hash text
)
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
#variable_conflict use_column
DECLARE
    v_window constant interval := interval '15 minutes';
    v_network constant inet := client_network(p_address);
    v_attempt_id bigint;
    v_retry_at timestamptz;
BEGIN
    -- Attempts from one network are counted one at a time; the lock ends with this transaction.
    -- Locks of two integers are apart from those of one bigint, which idempotency keys take.
    PERFORM pg_advisory_xact_lock(19, hashtext(host(v_network)));
    DELETE FROM sign_in_failures
    WHERE id IN (
        SELECT id
        FROM sign_in_failures
        WHERE at < now() - v_window
        ORDER BY at
        LIMIT 100
        FOR UPDATE SKIP LOCKED
    );

    -- The failure that must grow old before another attempt is allowed: the tenth last for the
    -- phone, the hundredth last of all.
    SELECT max(limiting.at) + v_window
    INTO v_retry_at
    FROM (
        (
            SELECT at FROM sign_in_failures
            WHERE address = v_network AND phone = p_phone
            ORDER BY at DESC OFFSET 9 LIMIT 1
        )
        UNION ALL
        (
            SELECT at FROM sign_in_failures
            WHERE address = v_network
            ORDER BY at DESC OFFSET 99 LIMIT 1
        )
    ) AS limiting;
    IF v_retry_at > clock_timestamp() THEN
        PERFORM raise_problem(
            'TK019',
            jsonb_build_object(
                'retry_after', ceil(extract(epoch FROM v_retry_at - clock_timestamp()))::integer
            )
        );
    END IF;

    INSERT INTO sign_in_failures (phone, address)
    VALUES (p_phone, v_network)
    RETURNING id INTO v_attempt_id;
    RETURN QUERY
    SELECT v_attempt_id, users.id, users.password_hash
    FROM (VALUES (p_phone)) AS tried (phone)
    LEFT JOIN users ON users.phone = tried.phone AND users.phone_lost_at IS NULL;
END;
$$;
COMMENT ON FUNCTION begin_sign_in IS
    'Counts an attempt to sign in as failed until it succeeds, and returns the user with this '
    'phone, if there is one. Raises TK019 (retry_after: seconds) after ten failures for a phone '
    'from one network (client_network), or a hundred from one network, in 15 minutes.';

DROP TRIGGER users_keep_an_admin_undeleted ON users;
DROP TRIGGER users_keep_an_admin ON users;
DROP FUNCTION keep_an_admin();
DROP FUNCTION admin_can_sign_in(users);
DROP FUNCTION end_user_sessions(bigint, bigint);
DROP FUNCTION set_user_role(bigint, user_role, bigint);
DROP FUNCTION set_user_disabled(bigint, boolean, bigint);
DROP FUNCTION lock_admins();

CREATE OR REPLACE FUNCTION problem_name(p_code text)
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
    WHEN '23514' THEN 'check-violation'
END;
COMMENT ON FUNCTION problem_name IS
    'The name of a SQLSTATE that the functions raise; sql/README.md has the table with what each '
    'means.';

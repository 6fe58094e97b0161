-- Admins disable accounts, make admins and customers, and sign users out. The last admin who can
-- sign in stays.
-- depends: 0081_index_admins_and_disabled

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
    WHEN 'TK030' THEN 'last-admin'
    WHEN '23514' THEN 'check-violation'
END;
COMMENT ON FUNCTION problem_name IS
    'The name of a SQLSTATE that the functions raise; sql/README.md has the table with what each '
    'means.';

CREATE FUNCTION lock_admins()
RETURNS void
LANGUAGE sql
VOLATILE
RETURN pg_advisory_xact_lock(27, 0);
COMMENT ON FUNCTION lock_admins IS
    'Until the end of the transaction nobody else changes who is an admin. Of two admins who '
    'demote each other at once, the second waits here, and is no admin any longer when it goes on.';

CREATE FUNCTION set_user_disabled(
    p_user_id bigint,
    p_disabled boolean,
    p_actor_id bigint
)
RETURNS users
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_user users;
BEGIN
    PERFORM lock_admins();
    PERFORM require_admin(p_actor_id);
    SELECT users.* INTO v_user
    FROM users
    WHERE id = p_user_id
        AND erased_at IS NULL
    FOR NO KEY UPDATE;
    IF v_user.id IS NULL THEN
        PERFORM raise_problem('TK008');
    ELSIF (v_user.disabled_at IS NOT NULL) = p_disabled THEN
        PERFORM wait_for_standby_at_commit();
        RETURN v_user;
    END IF;
    UPDATE users
    SET disabled_at = CASE WHEN p_disabled THEN clock_timestamp() END
    WHERE id = p_user_id
    RETURNING * INTO v_user;
    DELETE FROM sessions WHERE user_id = p_user_id;
    INSERT INTO activity (actor_id, action, user_id, detail)
    VALUES (
        p_actor_id,
        'user-changed',
        p_user_id,
        jsonb_build_object(
            'was', jsonb_build_object('disabled', NOT p_disabled),
            'became', jsonb_build_object('disabled', p_disabled)
        )
    );
    RETURN v_user;
END;
$$;
COMMENT ON FUNCTION set_user_disabled IS
    'Disables an account, which ends its sessions, or enables it again, and returns the row. '
    'Repeating it changes nothing. Raises TK008 when the user is unknown or erased, TK020 when the '
    'actor is not an admin, TK030 for the last admin who can sign in.';

CREATE FUNCTION set_user_role(
    p_user_id bigint,
    p_role user_role,
    p_actor_id bigint
)
RETURNS users
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_was users;
    v_new users;
BEGIN
    PERFORM lock_admins();
    PERFORM require_admin(p_actor_id);
    SELECT users.* INTO v_was
    FROM users
    WHERE id = p_user_id
        AND erased_at IS NULL
    FOR NO KEY UPDATE;
    IF v_was.id IS NULL THEN
        PERFORM raise_problem('TK008');
    ELSIF v_was.role = p_role THEN
        PERFORM wait_for_standby_at_commit();
        RETURN v_was;
    END IF;
    UPDATE users
    SET role = p_role
    WHERE id = p_user_id
    RETURNING * INTO v_new;
    -- A new role begins with a new session.
    DELETE FROM sessions WHERE user_id = p_user_id;
    INSERT INTO activity (actor_id, action, user_id, detail)
    VALUES (
        p_actor_id,
        'user-changed',
        p_user_id,
        jsonb_build_object(
            'was', jsonb_build_object('role', v_was.role),
            'became', jsonb_build_object('role', p_role)
        )
    );
    RETURN v_new;
END;
$$;
COMMENT ON FUNCTION set_user_role IS
    'Makes a user an admin or a customer, ends the user''s sessions, and returns the row. '
    'Repeating it changes nothing. Raises TK008 when the user is unknown or erased, TK020 when the '
    'actor is not an admin, TK030 for the last admin who can sign in.';

CREATE FUNCTION end_user_sessions(
    p_user_id bigint,
    p_actor_id bigint
)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
BEGIN
    PERFORM require_admin(p_actor_id);
    -- A sign-in that goes on at the same time holds a lock on the row: it ends first.
    PERFORM FROM users WHERE id = p_user_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM raise_problem('TK008');
    END IF;
    DELETE FROM sessions WHERE user_id = p_user_id;
    INSERT INTO activity (actor_id, action, user_id, detail)
    VALUES (p_actor_id, 'user-changed', p_user_id, jsonb_build_object('signed_out', true));
END;
$$;
COMMENT ON FUNCTION end_user_sessions IS
    'Signs a user out everywhere. Raises TK008 when the user is unknown, TK020 when the actor is '
    'not an admin.';

CREATE FUNCTION admin_can_sign_in(p_user users)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN p_user.role = 'admin'
    AND p_user.password_hash IS NOT NULL
    AND p_user.disabled_at IS NULL
    AND p_user.erased_at IS NULL
    AND (p_user.phone_lost_at IS NULL OR p_user.email_verified_at IS NOT NULL);
COMMENT ON FUNCTION admin_can_sign_in IS
    'Whether the user is an admin who can sign in: with their number, or else with a verified mail '
    'address.';

CREATE FUNCTION keep_an_admin()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    -- Another transaction may be taking another admin away. Here it ends first, and the next
    -- statement sees what it did.
    PERFORM lock_admins();
    IF NOT EXISTS (SELECT FROM users WHERE role = 'admin' AND admin_can_sign_in(users)) THEN
        PERFORM raise_problem('TK030');
    END IF;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION keep_an_admin IS
    'Trigger: raises TK030 when no admin is left who can sign in.';

CREATE TRIGGER users_keep_an_admin
AFTER UPDATE ON users
FOR EACH ROW
WHEN (admin_can_sign_in(OLD) AND NOT admin_can_sign_in(NEW))
EXECUTE FUNCTION keep_an_admin();
COMMENT ON TRIGGER users_keep_an_admin ON users IS
    'The last admin who can sign in stays able to: not demoted, disabled or erased, and neither '
    'the number nor the password is lost.';

CREATE TRIGGER users_keep_an_admin_undeleted
AFTER DELETE ON users
FOR EACH ROW
WHEN (admin_can_sign_in(OLD))
EXECUTE FUNCTION keep_an_admin();
COMMENT ON TRIGGER users_keep_an_admin_undeleted ON users IS
    'The last admin who can sign in is not deleted.';

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
    LEFT JOIN users
        ON users.phone = tried.phone
        AND users.phone_lost_at IS NULL
        -- A disabled account is answered like an unknown phone, after the same time.
        AND users.disabled_at IS NULL;
END;
$$;
COMMENT ON FUNCTION begin_sign_in IS
    'Counts an attempt to sign in as failed until it succeeds, and returns the user with this '
    'phone, if there is one who is not disabled. Raises TK019 (retry_after: seconds) after ten '
    'failures for a phone from one network (client_network), or a hundred from one network, in 15 '
    'minutes.';

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
        password_hash = excluded.password_hash,
        disabled_at = NULL
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
    'Creates an admin, or makes the user with this phone one who may sign in, with a new name and '
    'password. For the owner of the database (make admin): the API may not call it.';

CREATE OR REPLACE VIEW customers AS
SELECT
    users.id AS user_id,
    users.name,
    mask_phone(users.phone) AS phone,
    users.role,
    users.created_at AS since,
    users.password_hash IS NOT NULL
        AND users.disabled_at IS NULL
        AND users.phone_lost_at IS NULL AS can_sign_in,
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

COMMENT ON COLUMN customers.can_sign_in IS
    'False: without a password (created at the box office), disabled, or the number is another '
    'user''s now.';

COMMENT ON COLUMN users.role IS
    'Set when the user is created, or by set_user_role and make_admin.';

GRANT EXECUTE ON FUNCTION set_user_disabled TO ticketing_api;
GRANT EXECUTE ON FUNCTION set_user_role TO ticketing_api;
GRANT EXECUTE ON FUNCTION end_user_sessions TO ticketing_api;
GRANT EXECUTE ON FUNCTION admin_can_sign_in TO PUBLIC;

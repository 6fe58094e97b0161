-- Functions that change a row return it. A ticket for another event is refused before any lock. One
-- function says who may see and change what belongs to a user.
-- depends: 0019_take_booking_requests
-- squawk-ignore-file ban-drop-function

CREATE FUNCTION may_act_for(
    p_user_id bigint,
    p_actor_id bigint
)
RETURNS boolean
LANGUAGE sql
STABLE
RETURN p_actor_id = p_user_id OR EXISTS (SELECT FROM users WHERE id = p_actor_id AND role = 'admin');
COMMENT ON FUNCTION may_act_for(bigint, bigint) IS
    'Whether the actor may see and change what belongs to a user: everybody their own, an admin '
    'everything.';
GRANT EXECUTE ON FUNCTION may_act_for(bigint, bigint) TO ticketing_api;

-- API processes of the first release ignore what these two return.
DROP FUNCTION cancel_booking(bigint, bigint);
CREATE FUNCTION cancel_booking(
    p_booking_id bigint,
    p_actor_id bigint
)
RETURNS booking_with_tickets
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '1s'
AS $$
DECLARE
    v_booking bookings;
    v_event events;
    v_reason text;
    v_answer booking_with_tickets;
BEGIN
    -- Lock order: event, booking, tickets.
    SELECT events.*
    INTO v_event
    FROM events
    WHERE id = (SELECT event_id FROM bookings WHERE id = p_booking_id)
    FOR NO KEY UPDATE;
    SELECT bookings.*
    INTO v_booking
    FROM bookings
    WHERE id = p_booking_id
        AND may_act_for(user_id, p_actor_id)
    FOR NO KEY UPDATE;
    IF v_booking.id IS NULL THEN
        PERFORM raise_problem('TK005');
    END IF;
    v_reason := CASE
        WHEN v_booking.status = 'cancelled' THEN NULL
        WHEN v_booking.tickets_checked_in > 0 THEN 'ticket-used'
        WHEN v_event.status <> 'active' THEN 'event-' || v_event.status
        WHEN v_event.date_time <= now() THEN 'event-started'
    END;
    IF v_reason IS NOT NULL THEN
        PERFORM raise_problem('TK006', jsonb_build_object('reason', v_reason));
    ELSIF v_booking.status = 'cancelled' THEN
        PERFORM stand_on_own_commit();
    ELSE
        PERFORM act_as(p_actor_id);
        UPDATE bookings SET status = 'cancelled' WHERE id = p_booking_id;
        PERFORM act_as(NULL);
    END IF;
    SELECT * INTO v_answer FROM booking_with_tickets(p_booking_id);
    RETURN v_answer;
END;
$$;
COMMENT ON FUNCTION cancel_booking(bigint, bigint) IS
    'Cancels a booking and its tickets, and returns it; one that is already cancelled stays as it '
    'is. Raises TK005 when it is unknown, or is not the actor''s own and the actor is not an admin; '
    'TK006 when a ticket was used, or the event has started, is completed or cancelled.';
GRANT EXECUTE ON FUNCTION cancel_booking(bigint, bigint) TO ticketing_api;

DROP FUNCTION update_user(bigint, text, text, bigint);
CREATE FUNCTION update_user(
    p_user_id bigint,
    p_name text,
    p_password_hash text,
    p_actor_id bigint
)
RETURNS users
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
    v_was users;
    v_new users;
BEGIN
    PERFORM require_admin(p_actor_id);
    SELECT users.* INTO v_was FROM users WHERE id = p_user_id FOR NO KEY UPDATE;
    IF v_was.id IS NULL THEN
        PERFORM raise_problem('TK008');
    END IF;
    UPDATE users
    SET name = p_name,
        password_hash = coalesce(p_password_hash, password_hash)
    WHERE id = p_user_id
    RETURNING * INTO v_new;
    -- Anyone who signed in with the old password is signed out.
    IF p_password_hash IS NOT NULL THEN
        DELETE FROM sessions WHERE user_id = p_user_id;
    END IF;
    INSERT INTO activity (actor_id, action, user_id, detail)
    VALUES (
        p_actor_id,
        'user-changed',
        p_user_id,
        jsonb_build_object(
            'was', jsonb_build_object('name', v_was.name),
            'became', jsonb_build_object('name', p_name),
            'new_password', p_password_hash IS NOT NULL
        )
    );
    RETURN v_new;
END;
$$;
COMMENT ON FUNCTION update_user(bigint, text, text, bigint) IS
    'Changes a user''s name and, unless p_password_hash is NULL, the password, which ends the user''s '
    'sessions, and returns the row. Raises TK008 when unknown, TK020 when the actor is not an admin.';
GRANT EXECUTE ON FUNCTION update_user(bigint, text, text, bigint) TO ticketing_api;

CREATE FUNCTION create_user(
    p_fields jsonb,
    p_actor_id bigint
)
RETURNS users
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
    v_user users := jsonb_populate_record(NULL::users, p_fields);
BEGIN
    PERFORM require_admin(p_actor_id);
    INSERT INTO users (name, phone, role, password_hash)
    VALUES (v_user.name, v_user.phone, v_user.role, v_user.password_hash)
    RETURNING * INTO v_user;
    INSERT INTO activity (actor_id, action, user_id, detail)
    VALUES (
        p_actor_id,
        'user-created',
        v_user.id,
        jsonb_build_object('name', v_user.name, 'role', v_user.role)
    );
    RETURN v_user;
END;
$$;
COMMENT ON FUNCTION create_user(jsonb, bigint) IS
    'Creates a user of any role, for an admin, and returns the row. p_fields: name, phone, role and '
    'password_hash; without the last, a customer who cannot sign in. A phone that is taken violates '
    'users_phone_unique. Raises TK020 when the actor is not an admin.';
GRANT EXECUTE ON FUNCTION create_user(jsonb, bigint) TO ticketing_api;

CREATE OR REPLACE FUNCTION create_user(
    p_name text,
    p_phone text,
    p_role user_role,
    p_password_hash text,
    p_actor_id bigint
)
RETURNS bigint
LANGUAGE sql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    SELECT (create_user(
        jsonb_build_object(
            'name', p_name,
            'phone', p_phone,
            'role', p_role,
            'password_hash', p_password_hash
        ),
        p_actor_id
    )).id;
$$;
COMMENT ON FUNCTION create_user(text, text, user_role, text, bigint) IS
    'Creates a user, for API processes of the first release: see create_user(jsonb, bigint).';

CREATE OR REPLACE FUNCTION check_in_ticket(
    p_code text,
    p_event_id bigint,
    p_actor_id bigint
)
RETURNS TABLE (
    ticket_id bigint,
    ticket_code text,
    used_at timestamptz,
    booking_id bigint,
    booking_quantity integer,
    customer_name text,
    event_id bigint,
    event_title text,
    event_tickets_sold integer,
    event_tickets_checked_in integer
)
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
#variable_conflict use_column
DECLARE
    v_code constant text := parse_ticket_code(p_code);
    v_booking bookings;
    v_event events;
    v_ticket tickets;
BEGIN
    PERFORM require_admin(p_actor_id);
    IF v_code IS NULL THEN
        PERFORM raise_problem('TK017');
    END IF;
    SELECT bookings.*
    INTO v_booking
    FROM tickets
    JOIN bookings ON bookings.id = tickets.booking_id
    WHERE tickets.ticket_code = v_code;
    IF v_booking.id IS NULL THEN
        PERFORM raise_problem('TK009');
    ELSIF v_booking.event_id <> p_event_id THEN
        -- Before any lock: a ticket for another event waits for nobody.
        PERFORM raise_problem(
            'TK012',
            jsonb_build_object(
                'event_title', (SELECT title FROM events WHERE id = v_booking.event_id)
            )
        );
    END IF;

    -- Lock order: event, booking, tickets.
    SELECT events.* INTO v_event FROM events WHERE id = v_booking.event_id FOR NO KEY UPDATE;
    SELECT bookings.* INTO v_booking FROM bookings WHERE id = v_booking.id FOR NO KEY UPDATE;
    SELECT tickets.* INTO v_ticket FROM tickets WHERE tickets.ticket_code = v_code FOR NO KEY UPDATE;
    IF v_ticket.status = 'used' THEN
        PERFORM raise_problem(
            'TK010', jsonb_build_object('used_at', to_char(timezone('UTC', v_ticket.used_at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
        );
    ELSIF 'cancelled' IN (v_ticket.status::text, v_booking.status::text, v_event.status::text) THEN
        PERFORM raise_problem('TK011');
    END IF;

    PERFORM act_as(p_actor_id);
    UPDATE tickets SET status = 'used' WHERE id = v_ticket.id RETURNING * INTO v_ticket;
    PERFORM act_as(NULL);
    RETURN QUERY
    SELECT
        v_ticket.id,
        v_ticket.ticket_code,
        v_ticket.used_at,
        v_booking.id,
        v_booking.quantity,
        users.name,
        events.id,
        events.title,
        events.tickets_sold,
        events.tickets_checked_in
    FROM users, events
    WHERE users.id = v_booking.user_id
        AND events.id = v_event.id;
END;
$$;
COMMENT ON FUNCTION check_in_ticket(text, bigint, bigint) IS
    'Admits the holder of a ticket code, once. p_event_id: refuse a ticket for another event; '
    'NULL: any event. Raises TK017 mistyped, TK009 unknown, TK012 for another event, TK011 '
    'cancelled, TK010 already used (and when), TK020 when the actor is not an admin.';

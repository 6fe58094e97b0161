-- Personal data: a user is erased, is given everything that is kept about them, and what is over is
-- deleted. Names of users are no longer written into the activity log.
-- depends: 0093_add_user_erased_action

ALTER TABLE users
    ADD CONSTRAINT users_erased_without_person CHECK (
        erased_at IS NULL
        OR (name = 'Erased' AND email IS NULL AND password_hash IS NULL AND role = 'customer')
    ) NOT VALID;

COMMENT ON COLUMN users.erased_at IS
    'When erase_user() erased the personal data of the user. NULL: it is there.';

COMMENT ON TABLE activity IS
    'Append-only log: events created, edited, cancelled, completed; bookings cancelled; tickets '
    'admitted; users created or changed by an admin, or erased; messages sent to guests; webhooks '
    'created, changed, deleted, and facts that were sent to them again; API tokens and door passes '
    'created and revoked. A sale is its booking row. One partition a month; to delete an old month, drop '
    'its partition.';

COMMENT ON COLUMN activity.detail IS
    'For edits: {"was": {...}, "became": {...}} with the fields that changed. Never a phone, a '
    'password, a ticket code or the name of a user: recent_activity joins it.';

CREATE OR REPLACE VIEW facts AS
SELECT
    'booking' AS source,
    id,
    written_in,
    booking_date AS at,
    'booking.confirmed' AS type,
    event_id,
    id AS booking_id,
    user_id,
    jsonb_build_object(
        'booking_id', id,
        'event_id', event_id,
        'user_id', user_id,
        'booked_by', booked_by,
        'quantity', quantity,
        'unit_price', unit_price::text,
        'total_amount', total_amount::text
    ) AS data
FROM bookings
UNION ALL
SELECT
    'activity',
    id,
    written_in,
    at,
    CASE action
        WHEN 'event-created' THEN 'event.created'
        WHEN 'event-edited' THEN 'event.changed'
        WHEN 'event-cancelled' THEN 'event.cancelled'
        WHEN 'event-completed' THEN 'event.completed'
        WHEN 'booking-cancelled' THEN 'booking.cancelled'
        WHEN 'ticket-admitted' THEN 'ticket.admitted'
        WHEN 'user-created' THEN 'user.created'
        WHEN 'user-changed' THEN 'user.changed'
        WHEN 'event-message-sent' THEN 'event.message-sent'
        WHEN 'webhook-created' THEN 'webhook.created'
        WHEN 'webhook-changed' THEN 'webhook.changed'
        WHEN 'webhook-deleted' THEN 'webhook.deleted'
        WHEN 'webhook-replayed' THEN 'webhook.replayed'
        WHEN 'token-created' THEN 'token.created'
        WHEN 'token-revoked' THEN 'token.revoked'
        WHEN 'user-erased' THEN 'user.erased'
    END,
    event_id,
    booking_id,
    user_id,
    jsonb_strip_nulls(
        jsonb_build_object(
            'actor_id', actor_id,
            'event_id', event_id,
            'booking_id', booking_id,
            'ticket_id', ticket_id,
            'user_id', user_id,
            'quantity', detail -> 'quantity',
            'total_amount', detail -> 'total_amount',
            'bookings_cancelled', detail -> 'bookings_cancelled',
            'tickets_cancelled', detail -> 'tickets_cancelled',
            'message_id', detail -> 'message_id',
            'people', detail -> 'people',
            'webhook_id', detail -> 'webhook_id',
            'token_id', detail -> 'token_id'
        )
    ) || CASE
        WHEN event_id IS NULL OR detail -> 'was' IS NULL THEN '{}'
        ELSE jsonb_build_object(
            'was', public_changes(detail -> 'was'),
            'became', public_changes(detail -> 'became')
        )
    END
FROM activity;

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

CREATE OR REPLACE FUNCTION search_text(p_text text)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE
STRICT
PARALLEL SAFE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_folded constant text := folded_text(p_text);
BEGIN
    -- Most texts have one spelling.
    IF v_folded !~ '[aou]e|aa'
        AND p_text !~ '[äöøüåÄÖØÜÅ\u0308\u030a\ufb00-\uffef]'
        AND p_text !~ '[[:alpha:]][.\u2010\u2011-][[:alpha:]]'
    THEN
        RETURN v_folded;
    END IF;
    RETURN concat_ws(E'\n ', v_folded, other_spellings(p_text, v_folded));
END;
$$;
COMMENT ON FUNCTION search_text IS
    'What searches look through: the folded text and, after a line break, its other spellings.';

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
    WHEN 'TK051' THEN 'upcoming-bookings'
    WHEN 'TK053' THEN 'user-erased'
    WHEN '23514' THEN 'check-violation'
END;
COMMENT ON FUNCTION problem_name IS
    'The name of a SQLSTATE that the functions raise; sql/README.md has the table with what each '
    'means.';

CREATE OR REPLACE FUNCTION webhook_types()
RETURNS text[]
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN ARRAY[
    'booking.confirmed', 'booking.cancelled', 'ticket.admitted', 'event.created', 'event.changed',
    'event.cancelled', 'event.completed', 'event.message-sent', 'user.created', 'user.changed',
    'user.erased', 'webhook.created', 'webhook.changed', 'webhook.deleted', 'webhook.replayed',
    'token.created', 'token.revoked', 'customer.notice'
];
COMMENT ON FUNCTION webhook_types IS 'The types of messages that a webhook endpoint can ask for.';

CREATE OR REPLACE FUNCTION create_user(
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
        jsonb_build_object('role', v_user.role)
    );
    RETURN v_user;
END;
$$;
COMMENT ON FUNCTION create_user(jsonb, bigint) IS
    'Creates a user of any role, for an admin, and returns the row. p_fields: name, phone, role '
    'and password_hash; without the last, a customer who cannot sign in. A phone that is taken '
    'violates users_phone_unique. Raises TK020 when the actor is not an admin.';

CREATE OR REPLACE FUNCTION update_user(
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
    ELSIF v_was.erased_at IS NOT NULL THEN
        PERFORM raise_problem('TK053');
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
            'new_name', v_new.name <> v_was.name, 'new_password', p_password_hash IS NOT NULL
        )
    );
    RETURN v_new;
END;
$$;
COMMENT ON FUNCTION update_user IS
    'Changes a user''s name and, unless p_password_hash is NULL, the password, which ends the '
    'user''s sessions, and returns the row. Raises TK008 when the user is unknown, TK053 when the '
    'user is erased, TK020 when the actor is not an admin.';

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
        VALUES ('user-created', v_user_id, jsonb_build_object('role', 'admin'));
    ELSE
        INSERT INTO activity (action, user_id, detail)
        VALUES (
            'user-changed',
            v_user_id,
            jsonb_build_object(
                'became', jsonb_build_object('role', 'admin'), 'new_password', true
            )
        );
    END IF;
    RETURN v_user_id;
END;
$$;
COMMENT ON FUNCTION make_admin IS
    'Creates an admin, or makes the user with this phone one who may sign in, with a new name and '
    'password. For the owner of the database (make admin): the API may not call it.';

CREATE OR REPLACE FUNCTION begin_booking()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_erased_at timestamptz;
BEGIN
    PERFORM FROM events WHERE id = NEW.event_id FOR NO KEY UPDATE;
    -- The lock that the foreign key takes later. With it, erase_user() waits for this booking.
    SELECT erased_at INTO v_erased_at FROM users WHERE id = NEW.user_id FOR KEY SHARE;
    IF repair_begun() THEN
        IF NEW.booking_date IS NOT NULL THEN
            RETURN NEW;
        END IF;
    ELSIF NEW.status <> 'confirmed' OR NEW.tickets_checked_in <> 0 THEN
        RAISE EXCEPTION 'a booking begins confirmed, with no ticket used'
            USING ERRCODE = 'restrict_violation';
    ELSIF v_erased_at IS NOT NULL THEN
        RAISE EXCEPTION 'user % is erased: nothing is booked for them', NEW.user_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.booking_date := clock_timestamp();
    NEW.written_in := pg_current_xact_id();
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION begin_booking IS
    'Trigger: sets the time of a new booking, read while its event is locked, and its '
    'transaction. Refuses a booking that is not confirmed, has used tickets, or is for a user who '
    'is erased. In a repair, the INSERT may set all of these.';

CREATE OR REPLACE FUNCTION decide_booking_requests(
    p_requests booking_request[],
    p_pending integer[]
)
RETURNS SETOF booking_decision
LANGUAGE sql
STABLE
AS $$
    SELECT
        no,
        ROW(
            user_id, event_id, quantity, idempotency_key, booked_by, expected_total
        )::booking_request,
        first_no,
        event_no,
        available,
        unit_price,
        earlier_booking_id,
        earlier_booking_id IS NOT NULL,
        code,
        CASE code
            WHEN '23514' THEN
                jsonb_build_object('constraint', 'bookings_idempotency_key_visible_ascii')
            WHEN 'TK001' THEN jsonb_build_object('available', available)
            WHEN 'TK003' THEN jsonb_build_object(
                'reason', CASE event_status WHEN 'active' THEN 'started' ELSE event_status::text END
            )
            WHEN 'TK004' THEN jsonb_build_object('limit', max_tickets_per_booking)
            WHEN 'TK016' THEN jsonb_build_object('total_amount', (unit_price * quantity)::text)
            ELSE CASE WHEN code IS NOT NULL THEN '{}'::jsonb END
        END
    FROM (
        SELECT
            request.*,
            CASE
                WHEN request.idempotency_key IS NULL THEN request.no
                ELSE min(request.no) OVER (PARTITION BY request.user_id, request.idempotency_key)
            END AS first_no,
            dense_rank() OVER (ORDER BY request.event_id) AS event_no,
            events.tickets_available AS available,
            events.price AS unit_price,
            events.status AS event_status,
            events.max_tickets_per_booking,
            earlier.id AS earlier_booking_id,
            CASE
                WHEN earlier.id IS NOT NULL THEN CASE
                    WHEN (earlier.event_id, earlier.quantity)
                        IS DISTINCT FROM (request.event_id, request.quantity) THEN 'TK007'
                END
                WHEN refusal.code IS NOT NULL THEN refusal.code
                -- Every request for this event asks for more tickets than are left.
                WHEN NOT bool_or(
                    earlier.id IS NULL
                    AND refusal.code IS NULL
                    AND request.quantity <= events.tickets_available
                ) OVER (PARTITION BY request.event_id) THEN 'TK001'
            END AS code
        FROM (
            SELECT
                ordinality::integer AS no,
                user_id,
                event_id,
                quantity,
                idempotency_key,
                coalesce(booked_by, user_id) AS booked_by,
                expected_total
            FROM unnest(p_requests) WITH ORDINALITY
            WHERE p_pending IS NULL OR ordinality = ANY (p_pending)
        ) AS request
        LEFT JOIN bookings AS earlier
            ON earlier.user_id = request.user_id
            AND earlier.idempotency_key = request.idempotency_key
        LEFT JOIN users AS customer ON customer.id = request.user_id
        LEFT JOIN users AS booker ON booker.id = request.booked_by
        LEFT JOIN events ON events.id = request.event_id
        CROSS JOIN LATERAL (
            SELECT CASE
                WHEN char_length(request.idempotency_key) NOT BETWEEN 1 AND 64
                    OR request.idempotency_key ~ '[^!-~]' THEN '23514'
                WHEN customer.id IS NULL OR booker.id IS NULL THEN 'TK008'
                WHEN coalesce(customer.erased_at, booker.erased_at) IS NOT NULL THEN 'TK053'
                WHEN events.id IS NULL OR events.status = 'draft' THEN 'TK002'
                WHEN NOT events.bookable THEN 'TK003'
                WHEN coalesce(request.quantity, 0)
                    NOT BETWEEN 1 AND events.max_tickets_per_booking THEN 'TK004'
                WHEN request.expected_total <> events.price * request.quantity THEN 'TK016'
            END AS code
        ) AS refusal
    ) AS decided
    ORDER BY no;
$$;
COMMENT ON FUNCTION decide_booking_requests IS
    'For book_tickets: decides which pending requests are repeated ones (replayed), which are '
    'refused, and which are sold out because every other pending request for the event asks for '
    'more tickets than are left. Returns one row for each pending request, in order. p_pending: '
    'the numbers of the pending requests; NULL: all.';

CREATE OR REPLACE FUNCTION book_tickets(p_requests booking_request[])
RETURNS TABLE (
    request_no integer,
    replayed boolean,
    error_code text,
    error_detail jsonb,
    booking booking_with_tickets
)
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '1s'
-- Batches of every size share one plan, because planning these statements costs more than running
-- them. That plan may be made while the tables are small and kept until they are large, so it must
-- use the indexes from the beginning.
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
    v_decisions booking_decision[];  -- the latest decision about each request, by its number
    v_given booking_decision[];      -- the decisions of one round
    v_decision booking_decision;
    v_pending integer[];             -- the numbers of the requests that are not decided yet
    v_inserted bigint[];
    v_has_inserted boolean := false;
    v_booking_date timestamptz;
BEGIN
    IF cardinality(p_requests) > 1000 THEN
        -- Each key takes an advisory lock, and the server has room for a limited number.
        RAISE EXCEPTION 'a batch holds at most 1000 requests'
            USING ERRCODE = 'program_limit_exceeded';
    END IF;

    -- 1. Answer, without a lock, the requests that need no capacity. One kind of refused request
    -- stays pending: that with the same key as an earlier request in the batch. If the earlier one
    -- is booked, both are answered with its booking.
    v_decisions := ARRAY(
        SELECT decision FROM decide_booking_requests(p_requests, NULL) AS decision
    );
    v_pending := ARRAY(
        SELECT request_no
        FROM unnest(v_decisions)
        WHERE NOT replayed
            AND (error_code IS NULL OR first_no < request_no)
        ORDER BY request_no
    );

    IF v_pending <> '{}' THEN
        -- 2. Lock: events, then users, then keys, each in one order. It is one statement because a
        -- batch of one request pays for each statement. A later part begins when it reads the
        -- earlier one to its end, which is what each count(*) is for.
        --
        -- The locks on users are those that the foreign keys of the bookings take later. A user who
        -- is being erased is waited for, and the next decision finds that they are.
        --
        -- A faulty client may use one key for two events. Two batches with that key lock different
        -- events, so the locks on events do not make one wait for the other. Without a lock on the
        -- key, one would wait at the INSERT of step 4. They could deadlock there, because a batch in
        -- its second round still holds the keys that it inserted in its first round. So each batch
        -- locks all its keys here, in order, before its first INSERT.
        PERFORM pg_advisory_xact_lock(key.number)
        FROM (
            WITH pending AS MATERIALIZED (
                SELECT (request).* FROM unnest(v_decisions) WHERE request_no = ANY (v_pending)
            ),
            locked_events AS MATERIALIZED (
                SELECT id
                FROM events
                WHERE id IN (SELECT event_id FROM pending)
                ORDER BY id
                FOR NO KEY UPDATE
            ),
            locked_users AS MATERIALIZED (
                SELECT users.id
                FROM (SELECT count(*) FROM locked_events) AS events_first
                CROSS JOIN users
                WHERE users.id IN (
                    SELECT user_id FROM pending UNION SELECT booked_by FROM pending
                )
                ORDER BY users.id
                FOR KEY SHARE OF users
            )
            SELECT DISTINCT hashtextextended(idempotency_key, user_id) AS number
            FROM (SELECT count(*) FROM locked_users) AS users_first
            CROSS JOIN pending
            ORDER BY number
        ) AS key;
    END IF;

    WHILE v_pending <> '{}' LOOP
        -- 3. Give capacity.
        v_given := ARRAY(
            SELECT decision FROM give_capacity(p_requests, v_pending) AS decision
        );
        FOREACH v_decision IN ARRAY v_given LOOP
            v_decisions[v_decision.request_no] := v_decision;
        END LOOP;

        -- 4. Insert the bookings.
        v_booking_date := clock_timestamp();
        -- Tells the trigger bookings_begin that this time was read while the locks were held.
        PERFORM set_config('marquee.booking_date', v_booking_date::text, true);
        WITH inserted AS (
            INSERT INTO bookings (
                id, user_id, event_id, quantity, unit_price, total_amount, booking_date, booked_by,
                idempotency_key
            )
            OVERRIDING SYSTEM VALUE
            SELECT
                booking_id,
                (request).user_id,
                (request).event_id,
                (request).quantity,
                unit_price,
                unit_price * (request).quantity,
                v_booking_date,
                (request).booked_by,
                (request).idempotency_key
            FROM unnest(v_given)
            WHERE booking_id IS NOT NULL
                AND NOT replayed
            -- In the order of the keys, so that two statements which insert the same keys cannot
            -- deadlock. Advisory locks alone do not prevent it, as a manual INSERT takes none.
            ORDER BY (request).user_id, (request).idempotency_key
            ON CONFLICT (user_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
            RETURNING id
        )
        SELECT coalesce(array_agg(id), '{}') INTO v_inserted FROM inserted;
        v_has_inserted := v_has_inserted OR v_inserted <> '{}';

        -- If the INSERT skipped a booking, its tickets are free for other requests. So decide again
        -- about all requests without an inserted booking.
        EXIT WHEN cardinality(v_inserted) = (
            SELECT count(*) FROM unnest(v_given) WHERE booking_id IS NOT NULL AND NOT replayed
        );
        v_pending := ARRAY(
            SELECT request_no
            FROM unnest(v_given)
            WHERE booking_id = ANY (v_inserted) IS NOT TRUE
            ORDER BY request_no
        );
    END LOOP;

    -- 5. Answer. If this batch has inserted nothing, its commit does not wait for the standby. But
    -- the earlier bookings that it returns may not be on the standby yet, so make it wait.
    IF NOT v_has_inserted THEN
        IF EXISTS (SELECT FROM unnest(v_decisions) WHERE replayed) THEN
            PERFORM wait_for_standby_at_commit();
        END IF;
    END IF;
    RETURN QUERY
    SELECT
        decision.request_no,
        decision.replayed AND decision.error_code IS NULL,
        decision.error_code,
        decision.error_detail,
        found.booking
    FROM unnest(v_decisions) AS decision
    -- OFFSET makes PostgreSQL look each booking up by its id. A plan that was made while the tables
    -- were empty would otherwise read every booking of an event for each answer.
    LEFT JOIN LATERAL (
        SELECT booking FROM booking_with_tickets(decision.booking_id) AS booking OFFSET 0
    ) AS found ON decision.error_code IS NULL
    ORDER BY decision.request_no;
END;
$$;
COMMENT ON FUNCTION book_tickets(booking_request[]) IS
    'Answers up to 1,000 booking requests: one row for each, in order, with the booking and its '
    'tickets, or with the SQLSTATE and detail of the error that refuses it. A refused request does '
    'not affect the others. Waits for a lock at most one second (55P03).';

CREATE OR REPLACE FUNCTION cancel_booking(
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
        PERFORM wait_for_standby_at_commit();
    ELSE
        -- The event was over when its customer was erased, and was moved since.
        PERFORM require_user(v_booking.user_id);
        PERFORM act_as(p_actor_id);
        UPDATE bookings SET status = 'cancelled' WHERE id = p_booking_id;
        PERFORM act_as(NULL);
    END IF;
    SELECT * INTO v_answer FROM booking_with_tickets(p_booking_id);
    RETURN v_answer;
END;
$$;
COMMENT ON FUNCTION cancel_booking IS
    'Cancels a booking and its tickets, and returns the booking. A booking that is already '
    'cancelled stays as it is. Raises TK005 when the booking is unknown, or belongs to another '
    'user and the actor is not an admin; TK006 when a ticket was used, or the event has started, '
    'is completed or is cancelled; TK053 when its customer is erased.';

CREATE OR REPLACE FUNCTION tell_customers(p_notices notices[])
RETURNS bigint
LANGUAGE sql
VOLATILE
SET search_path = public, pg_temp
AS $$
    -- Locked, so that nobody is erased between this look at the row and the notices about it.
    WITH people AS (
        SELECT id, phone, email, email_verified_at, optional_mail
        FROM users
        WHERE id IN (SELECT user_id FROM unnest(p_notices))
            AND erased_at IS NULL
        ORDER BY id
        FOR KEY SHARE
    ),
    told AS (
        INSERT INTO notices (user_id, kind, event_id, booking_id, matter, detail, at, read_at)
        SELECT
            notice.user_id, kind, event_id, booking_id, matter, detail, notice.at, read_at
        FROM unnest(p_notices) AS notice
        JOIN people ON people.id = notice.user_id
        -- A notice that is read from the beginning is only there to be sent.
        WHERE read_at IS NULL
            OR people.email_verified_at IS NOT NULL
            OR EXISTS (
                SELECT FROM webhook_endpoints WHERE 'customer.notice' = ANY (types)
            )
        ORDER BY notice.at
        ON CONFLICT DO NOTHING
        RETURNING notices.*
    ),
    mailed AS (
        INSERT INTO mails (user_id, address, purpose, notice_id)
        SELECT told.user_id, people.email, 'notice', told.id
        FROM told
        JOIN people ON people.id = told.user_id
        WHERE people.email_verified_at IS NOT NULL
            AND (people.optional_mail OR told.kind NOT IN ('event-message', 'event-reminder'))
    ),
    sent AS (
        INSERT INTO webhook_deliveries (endpoint_id, source, source_id, type, body)
        SELECT
            endpoint.id,
            'notice',
            told.id,
            'customer.notice',
            jsonb_build_object(
                'type', 'customer.notice',
                'timestamp', to_char(timezone('UTC', told.at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                'data', jsonb_build_object(
                    'notice_id', told.id,
                    'user_id', told.user_id,
                    'kind', told.kind,
                    'event_id', told.event_id,
                    'booking_id', told.booking_id,
                    'phone', people.phone,
                    'text', notice_text(told)
                )
            )::text
        FROM told
        JOIN people ON people.id = told.user_id
        JOIN webhook_endpoints AS endpoint
            ON endpoint.disabled_at IS NULL
            AND 'customer.notice' = ANY (endpoint.types)
            AND (endpoint.event_id IS NULL OR endpoint.event_id = told.event_id)
    )
    SELECT count(*) FROM told;
$$;
COMMENT ON FUNCTION tell_customers IS
    'Writes notices, leaving out those whose customer was told of their matter before or is '
    'erased, and with each of them a mail if the customer has a verified address, and a '
    'customer.notice for each webhook endpoint that asks for it. Returns how many notices are new.';

CREATE OR REPLACE FUNCTION request_password_reset(
    p_account text,
    p_address inet
)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_window constant interval := interval '15 minutes';
    v_network constant inet := client_network(p_address);
    v_retry_at timestamptz;
BEGIN
    -- Requests from one network, and those for one account, are counted one at a time.
    PERFORM pg_advisory_xact_lock(23, hashtext(host(v_network)));
    PERFORM pg_advisory_xact_lock(24, hashtext(p_account));
    DELETE FROM password_reset_requests
    WHERE id IN (
        SELECT id
        FROM password_reset_requests
        WHERE at < now() - v_window
        ORDER BY at
        LIMIT 100
        FOR UPDATE SKIP LOCKED
    );
    SELECT max(limiting.at) + v_window
    INTO v_retry_at
    FROM (
        (
            SELECT at FROM password_reset_requests
            WHERE network = v_network AND account = p_account
            ORDER BY at DESC OFFSET 9 LIMIT 1
        )
        UNION ALL
        (
            SELECT at FROM password_reset_requests
            WHERE network = v_network
            ORDER BY at DESC OFFSET 29 LIMIT 1
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
    INSERT INTO password_reset_requests (account, network) VALUES (p_account, v_network);
    -- The answer is the same for an account that does not exist, and takes as long.
    INSERT INTO mails (user_id, address, purpose)
    SELECT users.id, users.email, 'password-reset'
    FROM users
    WHERE (
            (phone = p_account AND phone_lost_at IS NULL)
            OR lower(email) = p_account
        )
        AND email_verified_at IS NOT NULL
        AND (
            SELECT count(*)
            FROM mails
            WHERE user_id = users.id
                AND purpose = 'password-reset'
                AND created_at > now() - interval '1 hour'
        ) < 3
    -- The address of a user who is being erased at this moment is not written down again.
    FOR KEY SHARE OF users;
END;
$$;
COMMENT ON FUNCTION request_password_reset IS
    'Has a link for a new password mailed to each account with this phone or, in small letters, '
    'this mail address, if the address is verified and the account got fewer than three such mails '
    'within an hour. It does not say whether it did. Raises TK019 (retry_after: seconds) after ten '
    'requests for an account from one network, or thirty from one network, in 15 minutes.';

CREATE OR REPLACE FUNCTION make_calendar(
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

CREATE OR REPLACE FUNCTION set_email(
    p_user_id bigint,
    p_address text,
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
    IF p_actor_id IS NOT NULL AND NOT may_act_for(p_user_id, p_actor_id) THEN
        PERFORM raise_problem('TK020');
    END IF;
    SELECT users.* INTO v_user FROM users WHERE id = p_user_id FOR NO KEY UPDATE;
    IF v_user.id IS NULL THEN
        PERFORM raise_problem('TK008');
    ELSIF v_user.erased_at IS NOT NULL THEN
        PERFORM raise_problem('TK053');
    END IF;
    IF v_user.email IS NOT DISTINCT FROM p_address THEN
        RETURN v_user;
    END IF;
    UPDATE users
    SET email = p_address,
        email_verified_at = NULL
    WHERE id = p_user_id
    RETURNING * INTO v_user;
    -- Mails first: a link that a process makes at this moment is then found as well.
    PERFORM end_mails(
        p_user_id, '{notice,email-verification,password-reset}', 'the address was changed'
    );
    DELETE FROM mail_links WHERE user_id = p_user_id;
    INSERT INTO activity (actor_id, action, user_id, detail)
    VALUES (p_actor_id, 'user-changed', p_user_id, jsonb_build_object('new_email', true));
    PERFORM send_verification(p_user_id);
    RETURN v_user;
END;
$$;
COMMENT ON FUNCTION set_email IS
    'Changes a user''s address, or removes it when p_address is NULL, and returns the row. The new '
    'address gets one mail with a link that verifies it, and nothing else until then; links and '
    'mails to the old address end. The same address changes nothing. Raises TK008 when the user is '
    'unknown, TK053 when the user is erased, TK019 after too many such mails, TK020 when the actor '
    'is neither the user nor an admin.';

COMMENT ON FUNCTION book_tickets(bigint, bigint, integer, text, bigint, numeric) IS
    'Books tickets: checks and writes in one call, and returns the booking and its ticket codes, '
    'or raises TK001 to TK004, TK007, TK008, TK016 or TK053, or 23514 for a malformed key. A call with '
    'the same customer and key returns the booking as it is now. p_booked_by: the user who books, '
    'by default the customer. p_expected_total: the request is refused when price times quantity '
    'is another amount.';

CREATE FUNCTION require_other_admin(p_user_id bigint)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    -- All admins are locked, in order, so that two admins who leave at once do not count each other.
    PERFORM FROM users WHERE role = 'admin' ORDER BY id FOR NO KEY UPDATE;
    IF NOT EXISTS (
        SELECT
        FROM users
        WHERE role = 'admin'
            AND id <> p_user_id
            AND password_hash IS NOT NULL
            AND phone_lost_at IS NULL
            AND disabled_at IS NULL
    ) THEN
        PERFORM raise_problem('TK030');
    END IF;
END;
$$;
COMMENT ON FUNCTION require_other_admin IS
    'Raises TK030 unless an admin other than this user can sign in. Admins cannot leave until the '
    'end of this transaction.';

CREATE FUNCTION without_names(p_detail jsonb)
RETURNS jsonb
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN p_detail #- '{name}' #- '{was,name}' #- '{became,name}';
COMMENT ON FUNCTION without_names IS
    'The detail of a line of the activity log without the name of a user. Earlier releases wrote '
    'names into it.';

CREATE FUNCTION redact_log_of(p_user_id bigint)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_repairing constant boolean := repair_begun();
BEGIN
    IF NOT EXISTS (
        SELECT
        FROM activity
        WHERE user_id = p_user_id
            AND booking_id IS NULL
            AND detail <> without_names(detail)
    ) THEN
        RETURN;
    END IF;
    -- Nobody rewrites the log, except in a repair, which leaves a row of its own.
    IF NOT v_repairing THEN
        PERFORM begin_repair(format('erase_user(%s): names in the activity log', p_user_id));
    END IF;
    UPDATE activity
    SET detail = without_names(detail)
    WHERE user_id = p_user_id
        AND booking_id IS NULL
        AND detail <> without_names(detail);
    IF NOT v_repairing THEN
        PERFORM end_repair();
    END IF;
END;
$$;
COMMENT ON FUNCTION redact_log_of IS
    'For erase_user: takes the names that earlier releases wrote about a user out of the activity '
    'log, in a repair. Lines of this release hold none.';

CREATE FUNCTION delete_data_of(p_user users)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_accounts constant text[] := ARRAY(
        SELECT p_user.phone WHERE p_user.phone_lost_at IS NULL
        UNION
        SELECT lower(p_user.email)
        UNION
        SELECT lower(address) FROM mails WHERE user_id = p_user.id
        UNION
        SELECT lower(address) FROM mail_links WHERE user_id = p_user.id
    );
BEGIN
    -- What webhooks are told of a notice holds the phone number.
    DELETE FROM webhook_deliveries
    USING webhook_endpoints, notices
    WHERE notices.user_id = p_user.id
        AND webhook_deliveries.endpoint_id = webhook_endpoints.id
        AND source = 'notice'
        AND source_id = notices.id;
    -- Mails first: a link that a process makes at this moment is then found as well.
    DELETE FROM mails WHERE user_id = p_user.id;
    DELETE FROM mail_links WHERE user_id = p_user.id;
    DELETE FROM notices WHERE user_id = p_user.id;
    DELETE FROM calendars WHERE user_id = p_user.id;
    DELETE FROM sessions WHERE user_id = p_user.id;
    DELETE FROM event_creations WHERE actor_id = p_user.id;
    DELETE FROM sign_in_failures WHERE phone = ANY (v_accounts);
    DELETE FROM password_reset_requests WHERE account = ANY (v_accounts);
    -- A finding about a user holds the name.
    DELETE FROM integrity_findings WHERE table_name = 'users' AND row_id = p_user.id;
END;
$$;
COMMENT ON FUNCTION delete_data_of IS
    'For erase_user: deletes the rows of all other tables that hold something of a person.';

CREATE FUNCTION erase_user(
    p_user_id bigint,
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
    v_upcoming integer;
BEGIN
    IF p_actor_id IS NOT NULL AND NOT may_act_for(p_user_id, p_actor_id) THEN
        PERFORM raise_problem('TK020');
    END IF;
    IF EXISTS (SELECT FROM users WHERE id = p_user_id AND role = 'admin') THEN
        PERFORM require_other_admin(p_user_id);
    END IF;
    -- A process that takes a mail locks it before its user, and purge() locks notices before mails.
    PERFORM FROM notices WHERE user_id = p_user_id ORDER BY id FOR UPDATE;
    PERFORM FROM mails WHERE user_id = p_user_id ORDER BY id FOR UPDATE;
    -- FOR UPDATE conflicts with the lock that the foreign keys to users take: a booking or a notice
    -- that is being written is waited for and then found, and a later one waits and then finds that
    -- the user is erased.
    SELECT users.* INTO v_user FROM users WHERE id = p_user_id FOR UPDATE;
    IF v_user.id IS NULL THEN
        PERFORM raise_problem('TK008');
    ELSIF v_user.erased_at IS NOT NULL THEN
        PERFORM wait_for_standby_at_commit();
        RETURN v_user;
    END IF;
    SELECT count(*)
    INTO v_upcoming
    FROM bookings
    JOIN events ON events.id = bookings.event_id
    WHERE bookings.user_id = p_user_id
        AND bookings.status = 'confirmed'
        AND events.bookable;
    IF v_upcoming > 0 THEN
        PERFORM raise_problem('TK051', jsonb_build_object('bookings', v_upcoming));
    END IF;

    PERFORM delete_data_of(v_user);
    PERFORM redact_log_of(p_user_id);
    UPDATE users
    SET name = 'Erased',
        phone = NULL,
        phone_verified_at = NULL,
        phone_lost_at = NULL,
        email = NULL,
        email_verified_at = NULL,
        optional_mail = true,
        password_hash = NULL,
        role = 'customer',
        disabled_at = NULL,
        erased_at = clock_timestamp()
    WHERE id = p_user_id
    RETURNING * INTO v_user;
    PERFORM act_as(p_actor_id);
    INSERT INTO activity (actor_id, action, user_id, detail)
    VALUES (p_actor_id, 'user-erased', p_user_id, acting_login());
    PERFORM act_as(NULL);
    RETURN v_user;
END;
$$;
COMMENT ON FUNCTION erase_user IS
    'Erases the personal data of a user, and returns the row, which stays as "Erased". Bookings, '
    'tickets and the log stay without the person. A user who is erased already stays so. Raises '
    'TK008 when the user is unknown, TK020 when the actor is neither the user nor an admin, TK051 '
    '(bookings: how many) while the user has bookings to come, TK030 for the last admin.';

CREATE FUNCTION export_bookings(p_user_id bigint)
RETURNS jsonb
LANGUAGE sql
STABLE
SET search_path = public, pg_temp
AS $$
    SELECT coalesce(
        jsonb_agg(
            jsonb_build_object(
                'id', bookings.id,
                'event_id', bookings.event_id,
                'event_title', events.title,
                'event_venue', events.venue,
                'event_date_time', events.date_time,
                'event_time_zone', events.time_zone,
                'quantity', bookings.quantity,
                'unit_price', bookings.unit_price::text,
                'total_amount', bookings.total_amount::text,
                'status', bookings.status,
                'booking_date', bookings.booking_date,
                'cancelled_at', bookings.cancelled_at,
                'booked_by', bookings.booked_by,
                'idempotency_key', bookings.idempotency_key,
                'tickets', (
                    SELECT coalesce(
                        jsonb_agg(
                            jsonb_build_object(
                                'ticket_code', ticket_code,
                                'status', tickets.status,
                                'used_at', used_at
                            )
                            ORDER BY tickets.id
                        ),
                        '[]'
                    )
                    FROM tickets
                    WHERE tickets.booking_id = bookings.id
                )
            )
            ORDER BY bookings.booking_date, bookings.id
        ),
        '[]'
    )
    FROM bookings
    JOIN events ON events.id = bookings.event_id
    WHERE bookings.user_id = p_user_id;
$$;
COMMENT ON FUNCTION export_bookings IS
    'For export_user: the bookings of a user with their tickets, oldest first.';

CREATE FUNCTION export_messages(p_user users)
RETURNS jsonb
LANGUAGE sql
STABLE
SET search_path = public, pg_temp
AS $$
    SELECT jsonb_build_object(
        'notices', (
            SELECT coalesce(jsonb_agg(found ORDER BY found.id), '[]')
            FROM (
                SELECT
                    id, kind, event_id, booking_id, at, read_at, notice_text(notices) AS text, detail
                FROM notices
                WHERE user_id = p_user.id
            ) AS found
        ),
        'mails', (
            SELECT coalesce(jsonb_agg(found ORDER BY found.id), '[]')
            FROM (
                SELECT
                    id, address, purpose, notice_id, created_at, sent_at, given_up_at, attempts,
                    last_error
                FROM mails
                WHERE user_id = p_user.id
            ) AS found
        ),
        'mail_links', (
            SELECT coalesce(jsonb_agg(found ORDER BY found.expires_at), '[]')
            FROM (
                SELECT purpose, address, expires_at FROM mail_links WHERE user_id = p_user.id
            ) AS found
        ),
        'webhook_messages', (
            SELECT coalesce(jsonb_agg(found ORDER BY found.created_at), '[]')
            FROM (
                SELECT
                    substring(url FROM '^https?://(?:[^/?#]*@)?([^/?#]*)') AS host,
                    webhook_deliveries.created_at,
                    webhook_deliveries.delivered_at,
                    webhook_deliveries.body
                FROM notices
                CROSS JOIN webhook_endpoints
                JOIN webhook_deliveries
                    ON webhook_deliveries.endpoint_id = webhook_endpoints.id
                    AND source = 'notice'
                    AND source_id = notices.id
                WHERE notices.user_id = p_user.id
            ) AS found
        )
    );
$$;
COMMENT ON FUNCTION export_messages IS
    'For export_user: what the user was told in the app, by mail and through webhooks.';

CREATE FUNCTION export_log(p_user_id bigint)
RETURNS jsonb
LANGUAGE sql
STABLE
SET search_path = public, pg_temp
AS $$
    WITH lines AS (
        SELECT * FROM activity WHERE user_id = p_user_id AND booking_id IS NULL
        UNION
        SELECT line.*
        FROM bookings
        -- OFFSET makes PostgreSQL look the lines of each booking up, instead of reading the log.
        CROSS JOIN LATERAL (
            SELECT * FROM activity WHERE activity.booking_id = bookings.id OFFSET 0
        ) AS line
        WHERE bookings.user_id = p_user_id
        UNION
        -- What an admin did at the door is found by event, and concerns the guests.
        SELECT * FROM activity WHERE actor_id = p_user_id AND action <> 'ticket-admitted'
    )
    SELECT coalesce(
        jsonb_agg(
            jsonb_build_object(
                'id', id,
                'at', at,
                'action', action,
                'by_you', actor_id IS NOT DISTINCT FROM p_user_id,
                'event_id', event_id,
                'booking_id', booking_id,
                'ticket_id', ticket_id,
                -- What an admin did to somebody else may say something about that person.
                'detail', CASE
                    WHEN coalesce(user_id, p_user_id) = p_user_id THEN detail
                    ELSE '{}'
                END
            )
            ORDER BY id
        ),
        '[]'
    )
    FROM lines;
$$;
COMMENT ON FUNCTION export_log IS
    'For export_user: the lines of the activity log about a user, about the user''s bookings, and '
    'about what the user did, except for checking in.';

CREATE FUNCTION export_user(p_user_id bigint)
RETURNS jsonb
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    SELECT jsonb_build_object(
        'account', jsonb_build_object(
            'id', id,
            'name', name,
            'phone', phone,
            'phone_verified_at', phone_verified_at,
            'phone_lost_at', phone_lost_at,
            'email', email,
            'email_verified_at', email_verified_at,
            'optional_mail', optional_mail,
            'role', role,
            'has_password', password_hash IS NOT NULL,
            'created_at', created_at,
            'disabled_at', disabled_at
        ),
        'bookings', export_bookings(id),
        'booked_for_others', (
            SELECT coalesce(jsonb_agg(found ORDER BY found.id), '[]')
            FROM (
                SELECT id, event_id, booking_date
                FROM bookings
                WHERE booked_by = users.id
                    AND booked_by <> user_id
            ) AS found
        ),
        'sessions', (
            SELECT coalesce(jsonb_agg(found ORDER BY found.created_at), '[]')
            FROM (SELECT created_at, expires_at FROM sessions WHERE user_id = users.id) AS found
        ),
        'calendar_since', (SELECT created_at FROM calendars WHERE user_id = users.id),
        'failed_sign_ins', (
            SELECT coalesce(jsonb_agg(found ORDER BY found.at), '[]')
            FROM (
                SELECT address AS network, at
                FROM sign_in_failures
                WHERE phone = users.phone
                    AND users.phone_lost_at IS NULL
            ) AS found
        ),
        'password_reset_requests', (
            SELECT coalesce(jsonb_agg(found ORDER BY found.at), '[]')
            FROM (
                SELECT account, network, at
                FROM password_reset_requests
                WHERE (account = users.phone AND users.phone_lost_at IS NULL)
                    OR (account = lower(users.email) AND users.email_verified_at IS NOT NULL)
            ) AS found
        ),
        'messages_sent', (
            SELECT coalesce(jsonb_agg(found ORDER BY found.id), '[]')
            FROM (
                SELECT id, event_id, at, text, people
                FROM event_messages
                WHERE actor_id = users.id
            ) AS found
        ),
        'event_requests', (
            SELECT coalesce(jsonb_agg(found ORDER BY found.event_id), '[]')
            FROM (
                SELECT event_id, idempotency_key FROM event_creations WHERE actor_id = users.id
            ) AS found
        ),
        'log', export_log(id)
    ) || export_messages(users)
    FROM users
    WHERE id = p_user_id;
$$;
COMMENT ON FUNCTION export_user IS
    'Everything that the database has about a user, as one object. NULL: there is no such user. '
    'Only for that user: it holds ticket codes.';

CREATE FUNCTION purge_notices(
    p_days integer,
    p_at_most integer
)
RETURNS integer
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_old bigint[];
BEGIN
    -- Ids follow the times at which rows were written, so the oldest rows are found without an
    -- index of times. Rows after a younger one wait until that one is old as well.
    v_old := ARRAY(
        SELECT notices.id
        FROM notices
        WHERE notices.id = ANY (
                ARRAY(SELECT first.id FROM notices AS first ORDER BY first.id LIMIT p_at_most)
            )
            AND notices.at < now() - make_interval(days => p_days)
        ORDER BY notices.id
        FOR UPDATE SKIP LOCKED
    );
    -- What webhooks are told of a notice holds the phone number, and goes with it.
    DELETE FROM webhook_deliveries
    USING webhook_endpoints
    WHERE endpoint_id = webhook_endpoints.id
        AND source = 'notice'
        AND source_id = ANY (v_old);
    DELETE FROM notices WHERE id = ANY (v_old);
    RETURN cardinality(v_old);
END;
$$;
COMMENT ON FUNCTION purge_notices IS
    'For purge: deletes at most p_at_most notices that are older than p_days days, with their '
    'mails and what webhooks are told of them, and returns how many.';

CREATE FUNCTION purge(
    p_at_most integer,
    p_mail_days integer,
    p_notice_days integer
)
RETURNS integer
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
    -- For as long as failed sign-ins, sign-ups and requests for a new password are counted.
    v_counted constant timestamptz := now() - interval '15 minutes';
    v_deleted integer[];
    v_rows integer;
BEGIN
    IF least(p_at_most, p_mail_days, p_notice_days) < 1 THEN
        RAISE EXCEPTION 'p_at_most, p_mail_days and p_notice_days must be at least 1'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    v_deleted := ARRAY[purge_notices(p_notice_days, p_at_most)];
    -- Arrays, so that rows are found by their keys however many a table has.
    DELETE FROM mails
    WHERE id = ANY (
        ARRAY(
            SELECT mails.id
            FROM mails
            WHERE mails.id = ANY (
                    ARRAY(SELECT first.id FROM mails AS first ORDER BY first.id LIMIT p_at_most)
                )
                AND mails.created_at < now() - make_interval(days => p_mail_days)
            FOR UPDATE SKIP LOCKED
        )
    );
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_deleted := v_deleted || v_rows;
    DELETE FROM mail_links
    WHERE token_hash = ANY (
        ARRAY(
            SELECT token_hash
            FROM mail_links
            WHERE expires_at < now()
            ORDER BY expires_at
            LIMIT p_at_most
            FOR UPDATE SKIP LOCKED
        )
    );
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_deleted := v_deleted || v_rows;
    DELETE FROM sessions
    WHERE token_hash = ANY (
        ARRAY(
            SELECT token_hash
            FROM sessions
            WHERE expires_at < now()
            ORDER BY expires_at
            LIMIT p_at_most
            FOR UPDATE SKIP LOCKED
        )
    );
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_deleted := v_deleted || v_rows;
    DELETE FROM sign_in_failures
    WHERE id = ANY (
        ARRAY(
            SELECT id
            FROM sign_in_failures
            WHERE at < v_counted
            ORDER BY at
            LIMIT p_at_most
            FOR UPDATE SKIP LOCKED
        )
    );
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_deleted := v_deleted || v_rows;
    DELETE FROM sign_ups
    WHERE id = ANY (
        ARRAY(
            SELECT id
            FROM sign_ups
            WHERE at < v_counted
            ORDER BY at
            LIMIT p_at_most
            FOR UPDATE SKIP LOCKED
        )
    );
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_deleted := v_deleted || v_rows;
    DELETE FROM password_reset_requests
    WHERE id = ANY (
        ARRAY(
            SELECT id
            FROM password_reset_requests
            WHERE at < v_counted
            ORDER BY at
            LIMIT p_at_most
            FOR UPDATE SKIP LOCKED
        )
    );
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    RETURN (SELECT max(deleted) FROM unnest(v_deleted || v_rows) AS deleted);
END;
$$;
COMMENT ON FUNCTION purge IS
    'Deletes from each table at most p_at_most rows that are over: mails p_mail_days days and '
    'notices p_notice_days days after they were written, expired links and sessions, and failed '
    'sign-ins, sign-ups and requests for a new password that no longer count. Returns how many it '
    'has deleted from the table of which it deleted most: fewer than p_at_most means that nothing '
    'is left, or that another session is at it.';

GRANT EXECUTE ON FUNCTION erase_user TO ticketing_api;
GRANT EXECUTE ON FUNCTION export_user TO ticketing_api;
GRANT EXECUTE ON FUNCTION purge TO ticketing_api;

-- The bodies of these functions with lines of at most 100 columns. They do the same as before.
-- depends: 0024_write_given_fields_of_events

CREATE OR REPLACE FUNCTION guard_activity_partition(p_partition regclass)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_trigger record;
BEGIN
    FOR v_trigger IN
        SELECT
            tgname AS name,
            pg_get_triggerdef(oid) AS definition,
            obj_description(oid, 'pg_trigger') AS comment
        FROM pg_trigger
        WHERE tgrelid = 'activity'::regclass
            AND NOT tgisinternal
            -- PostgreSQL copies row-level triggers (1) to partitions, and no others.
            AND tgtype & 1 = 0
            AND tgname NOT IN (SELECT tgname FROM pg_trigger WHERE tgrelid = p_partition)
    LOOP
        EXECUTE replace(
            v_trigger.definition, ' ON public.activity ', format(' ON %s ', p_partition)
        );
        EXECUTE format(
            'COMMENT ON TRIGGER %I ON %s IS %L', v_trigger.name, p_partition, v_trigger.comment
        );
    END LOOP;
END;
$$;

CREATE OR REPLACE FUNCTION make_activity_partition(p_month date)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_name constant text := 'activity_' || to_char(p_month, 'YYYY_MM');
    v_from constant timestamptz := timezone('UTC', date_trunc('month', p_month::timestamp));
    v_to constant timestamptz := timezone(
        'UTC', date_trunc('month', p_month::timestamp) + interval '1 month'
    );
BEGIN
    IF to_regclass(v_name) IS NOT NULL THEN
        RETURN;
    END IF;
    -- The table is created first and attached later, so that sales and check-ins do not wait.
    EXECUTE format(
        'CREATE TABLE %I (LIKE activity INCLUDING DEFAULTS INCLUDING CONSTRAINTS)'
        ' WITH (autovacuum_vacuum_scale_factor = 0.02,'
        ' autovacuum_vacuum_insert_scale_factor = 0.02)',
        v_name
    );
    EXECUTE format(
        'COMMENT ON TABLE %I IS %L',
        v_name,
        'The rows of activity of ' || to_char(p_month, 'YYYY-MM') || ' (UTC).'
    );
    IF EXISTS (SELECT FROM activity_default WHERE at >= v_from AND at < v_to) THEN
        -- Rows cannot be deleted from the log. So the rows of this month move to its partition, and
        -- all others to a new default partition.
        ALTER TABLE activity DETACH PARTITION activity_default;
        ALTER TABLE activity_default RENAME TO activity_default_before;
        CREATE TABLE activity_default (
            LIKE activity_default_before INCLUDING DEFAULTS INCLUDING CONSTRAINTS
        );
        EXECUTE format(
            'INSERT INTO %I SELECT * FROM activity_default_before WHERE at >= %L AND at < %L',
            v_name,
            v_from,
            v_to
        );
        INSERT INTO activity_default
        SELECT *
        FROM activity_default_before
        WHERE at < v_from
            OR at >= v_to;
        DROP TABLE activity_default_before;
        ALTER TABLE activity ATTACH PARTITION activity_default DEFAULT;
        COMMENT ON TABLE activity_default IS
            'The rows of activity of months that have no partition yet; usually none.';
        PERFORM guard_activity_partition('activity_default');
    END IF;
    EXECUTE format(
        'ALTER TABLE activity ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        v_name,
        v_from,
        v_to
    );
    PERFORM guard_activity_partition(v_name::regclass);
END;
$$;

CREATE OR REPLACE FUNCTION make_activity_partitions()
RETURNS void
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
-- A session that reads the log keeps a partition from being attached. The next day tries again.
SET lock_timeout = '2s'
AS $$
DECLARE
    v_this_month constant date := date_trunc('month', timezone('UTC', clock_timestamp()))::date;
BEGIN
    -- All API processes call this at about the same time: one of them is enough.
    IF NOT pg_try_advisory_xact_lock(20, 0) THEN
        RETURN;
    END IF;
    FOR v_ahead IN 0 .. 3 LOOP
        PERFORM make_activity_partition((v_this_month + v_ahead * interval '1 month')::date);
    END LOOP;
    PERFORM guard_activity_partition(inhrelid::regclass)
    FROM pg_inherits
    WHERE inhparent = 'activity'::regclass;
END;
$$;

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
    v_attempt_id bigint;
    v_retry_at timestamptz;
BEGIN
    -- Attempts from one address are counted one at a time; the lock ends with this transaction.
    -- Locks of two integers are apart from those of one bigint, which idempotency keys take.
    PERFORM pg_advisory_xact_lock(19, hashtext(host(p_address)));
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
            WHERE address = p_address AND phone = p_phone
            ORDER BY at DESC OFFSET 9 LIMIT 1
        )
        UNION ALL
        (
            SELECT at FROM sign_in_failures
            WHERE address = p_address
            ORDER BY at DESC OFFSET 99 LIMIT 1
        )
    ) AS limiting;
    IF v_retry_at > now() THEN
        PERFORM raise_problem(
            'TK019',
            jsonb_build_object(
                'retry_after', ceil(extract(epoch FROM v_retry_at - now()))::integer
            )
        );
    END IF;

    INSERT INTO sign_in_failures (phone, address)
    VALUES (p_phone, p_address)
    RETURNING id INTO v_attempt_id;
    RETURN QUERY
    SELECT v_attempt_id, users.id, users.password_hash
    FROM (VALUES (p_phone)) AS tried (phone)
    LEFT JOIN users ON users.phone = tried.phone;
END;
$$;

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
-- Batches of every size share one plan, which goes through the indexes. Planning these statements
-- again would cost more than running them, and a plan that was made while tables were small must
-- not scan them later.
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

    -- 1. Decide what can be decided without a lock. What a second request with the same key gets
    -- depends on what the first one gets.
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
        -- 2. Lock.
        PERFORM FROM events
        WHERE id IN (
            SELECT (request).event_id FROM unnest(v_decisions) WHERE request_no = ANY (v_pending)
        )
        ORDER BY id
        FOR NO KEY UPDATE;
        -- Another batch may be using one customer's key for another event. The INSERT would find
        -- that out too late: by then it holds other keys that other batches wait for.
        PERFORM pg_advisory_xact_lock(key.number)
        FROM (
            SELECT DISTINCT
                hashtextextended((request).idempotency_key, (request).user_id) AS number
            FROM unnest(v_decisions)
            WHERE request_no = ANY (v_pending)
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
        -- Tells the trigger bookings_begin that this time was taken under the locks.
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
            -- Two processes with the same keys must not deadlock.
            ORDER BY (request).user_id, (request).idempotency_key
            ON CONFLICT (user_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
            RETURNING id
        )
        SELECT coalesce(array_agg(id), '{}') INTO v_inserted FROM inserted;
        v_has_inserted := v_has_inserted OR v_inserted <> '{}';

        -- A booking that was skipped leaves its tickets to others. All requests are decided again,
        -- except those whose booking was inserted.
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

    -- 5. Answer.
    IF NOT v_has_inserted THEN
        IF EXISTS (SELECT FROM unnest(v_decisions) WHERE replayed) THEN
            PERFORM stand_on_own_commit();
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

CREATE OR REPLACE FUNCTION book_tickets(
    p_user_id bigint,
    p_event_id bigint,
    p_quantity integer,
    p_idempotency_key text DEFAULT NULL,
    p_booked_by bigint DEFAULT NULL,
    p_expected_total numeric DEFAULT NULL
)
RETURNS TABLE (
    id bigint,
    user_id bigint,
    event_id bigint,
    quantity integer,
    unit_price numeric,
    total_amount numeric,
    status booking_status,
    booking_date timestamptz,
    booked_by bigint,
    event_title text,
    ticket_codes text[],
    replayed boolean
)
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
    v_outcome record;
    v_booking booking_with_tickets;
BEGIN
    SELECT *
    INTO v_outcome
    FROM book_tickets(ARRAY[
        ROW(p_user_id, p_event_id, p_quantity, p_idempotency_key, p_booked_by, p_expected_total)
    ]::booking_request[]);
    IF v_outcome.error_code IS NOT NULL THEN
        PERFORM raise_problem(v_outcome.error_code, v_outcome.error_detail);
    END IF;
    v_booking := v_outcome.booking;
    RETURN QUERY
    SELECT
        v_booking.id,
        v_booking.user_id,
        v_booking.event_id,
        v_booking.quantity,
        v_booking.unit_price,
        v_booking.total_amount,
        v_booking.status,
        v_booking.booking_date,
        v_booking.booked_by,
        v_booking.event_title,
        ARRAY(
            SELECT ticket ->> 'ticket_code'
            FROM jsonb_array_elements(v_booking.tickets) AS ticket
        ),
        v_outcome.replayed;
END;
$$;

CREATE OR REPLACE FUNCTION book_tickets(
    p_user_ids bigint[],
    p_event_ids bigint[],
    p_quantities integer[],
    p_idempotency_keys text[],
    p_booked_by bigint[],
    p_expected_totals numeric[]
)
RETURNS TABLE (
    request_no integer,
    replayed boolean,
    error_code text,
    error_detail jsonb,
    id bigint,
    user_id bigint,
    event_id bigint,
    quantity integer,
    unit_price numeric,
    total_amount numeric,
    status booking_status,
    booking_date timestamptz,
    cancelled_at timestamptz,
    booked_by bigint,
    cancellable boolean,
    event_title text,
    event_venue text,
    event_date_time timestamptz,
    event_time_zone text,
    event_status event_status,
    tickets jsonb
)
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_count constant integer := coalesce(cardinality(p_user_ids), 0);
BEGIN
    IF (
        cardinality(p_event_ids),
        cardinality(p_quantities),
        cardinality(p_idempotency_keys),
        cardinality(p_booked_by),
        cardinality(p_expected_totals)
    ) IS DISTINCT FROM (v_count, v_count, v_count, v_count, v_count) THEN
        RAISE EXCEPTION 'the arrays of a batch differ in length'
            USING ERRCODE = 'array_subscript_error';
    END IF;
    RETURN QUERY
    SELECT
        answer.request_no,
        answer.replayed,
        answer.error_code,
        answer.error_detail,
        (answer.booking).id,
        (answer.booking).user_id,
        (answer.booking).event_id,
        (answer.booking).quantity,
        (answer.booking).unit_price,
        (answer.booking).total_amount,
        (answer.booking).status,
        (answer.booking).booking_date,
        (answer.booking).cancelled_at,
        (answer.booking).booked_by,
        (answer.booking).cancellable,
        (answer.booking).event_title,
        (answer.booking).event_venue,
        (answer.booking).event_date_time,
        (answer.booking).event_time_zone,
        (answer.booking).event_status,
        (answer.booking).tickets
    FROM book_tickets(ARRAY(
        SELECT ROW(user_id, event_id, quantity, key, booked_by, expected_total)::booking_request
        FROM unnest(
            p_user_ids,
            p_event_ids,
            p_quantities,
            p_idempotency_keys,
            p_booked_by,
            p_expected_totals
        ) WITH ORDINALITY AS given (user_id, event_id, quantity, key, booked_by, expected_total, no)
        ORDER BY no
    )) AS answer;
END;
$$;

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
    SELECT tickets.*
    INTO v_ticket
    FROM tickets
    WHERE tickets.ticket_code = v_code
    FOR NO KEY UPDATE;
    IF v_ticket.status = 'used' THEN
        PERFORM raise_problem(
            'TK010',
            jsonb_build_object(
                'used_at',
                to_char(timezone('UTC', v_ticket.used_at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
            )
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
                WHEN events.id IS NULL THEN 'TK002'
                WHEN NOT events.bookable THEN 'TK003'
                WHEN coalesce(request.quantity, 0)
                    NOT BETWEEN 1 AND events.max_tickets_per_booking THEN 'TK004'
                WHEN request.expected_total <> events.price * request.quantity THEN 'TK016'
            END AS code
        ) AS refusal
    ) AS decided
    ORDER BY no;
$$;

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

CREATE OR REPLACE FUNCTION change_event_words(
    p_gone text[],
    p_come text[]
)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    -- This statement locks the rows of all the words in their order, so that two writers cannot
    -- deadlock. It adds 0 to the words of p_gone; the next one takes them away.
    INSERT INTO event_words (word, events_count)
    SELECT word, count(*) FILTER (WHERE come)
    FROM (
        SELECT word, true AS come FROM unnest(p_come) AS word
        UNION ALL
        SELECT word, false FROM unnest(p_gone) AS word
    ) AS change
    WHERE char_length(word) <= 60
    GROUP BY word
    ORDER BY word
    ON CONFLICT (word) DO UPDATE
    SET events_count = event_words.events_count + excluded.events_count;

    UPDATE event_words
    SET events_count = event_words.events_count - gone.events_count
    FROM (SELECT word, count(*) AS events_count FROM unnest(p_gone) AS word GROUP BY word) AS gone
    WHERE event_words.word = gone.word;
    DELETE FROM event_words WHERE word = ANY (p_gone) AND events_count = 0;
END;
$$;

CREATE OR REPLACE FUNCTION oldest_snapshot_seconds()
RETURNS double precision
LANGUAGE sql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    SELECT CASE
        WHEN pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')
            THEN coalesce(
                max(extract(epoch FROM clock_timestamp() - xact_start)), 0
            )::double precision
    END
    FROM pg_stat_activity
    WHERE datname = current_database()
        AND backend_type = 'client backend'
        AND backend_xmin IS NOT NULL
        AND pid <> pg_backend_pid();
$$;

CREATE OR REPLACE FUNCTION correct_word(p_word text)
RETURNS text[]
LANGUAGE plpgsql
STABLE
PARALLEL UNSAFE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_allowed constant integer := CASE
        WHEN char_length(p_word) < 3 THEN 0
        WHEN char_length(p_word) < 6 THEN 1
        ELSE 2
    END;
    v_near text[];
    v_coming text[];
BEGIN
    -- A mistyped long word shares fewer trigrams than % asks for by default. This is not a SET
    -- clause of the function: restoring a dump would then fail unless pg_trgm is loaded.
    PERFORM set_config('pg_trgm.similarity_threshold', '0.2', true);
    FOR v_near IN
        WITH candidates AS (
            SELECT word FROM event_words WHERE one_letter_shorter && one_letter_shorter(p_word)
            UNION
            SELECT word FROM event_words WHERE char_length(p_word) >= 6 AND word % p_word
        ),
        -- What was meant, if two neighbouring letters were swapped: that counts as one error.
        swapped AS (
            SELECT overlay(
                p_word
                PLACING substr(p_word, place + 1, 1) || substr(p_word, place, 1)
                FROM place FOR 2
            ) AS word
            FROM generate_series(1, char_length(p_word) - 1) AS place
        ),
        distances AS (
            SELECT
                candidates.word,
                least(
                    levenshtein_less_equal(p_word, candidates.word, 2),
                    1 + (
                        SELECT min(levenshtein_less_equal(swapped.word, candidates.word, 1))
                        FROM swapped
                    )
                ) AS errors
            FROM candidates
            WHERE abs(char_length(candidates.word) - char_length(p_word)) <= 2
        )
        SELECT array_agg(word ORDER BY word)
        FROM distances
        WHERE errors <= v_allowed
        GROUP BY errors
        ORDER BY errors
    LOOP
        -- event_words also holds the words of past events, until somebody completes those.
        v_coming := ARRAY(
            SELECT word
            FROM unnest(v_near) WITH ORDINALITY AS near (word, place)
            WHERE is_in_coming_event(word)
            ORDER BY place
        );
        IF cardinality(v_coming) > 0 THEN
            RETURN v_coming;
        END IF;
    END LOOP;
    RETURN '{}';
END;
$$;

CREATE OR REPLACE FUNCTION corrected_pattern(p_word text)
RETURNS text
LANGUAGE sql
STABLE
PARALLEL UNSAFE
SET search_path = public, pg_temp
AS $$
    SELECT CASE
        WHEN EXISTS (
            SELECT
            FROM event_words
            WHERE word LIKE like_contains(p_word)
                AND is_in_coming_event(word)
        ) THEN p_word
        ELSE (SELECT string_agg(near, '|') FROM unnest(correct_word(p_word)) AS near)
    END;
$$;

CREATE OR REPLACE FUNCTION date_time_after_events(
    p_from timestamptz,
    p_count integer
)
RETURNS timestamptz
LANGUAGE sql
STABLE
PARALLEL SAFE
SET search_path = public, pg_temp
AS $$
    SELECT coalesce(
        (
            SELECT date_time
            FROM events
            WHERE date_time >= p_from
            ORDER BY date_time
            OFFSET p_count
            LIMIT 1
        ),
        'infinity'
    );
$$;

CREATE OR REPLACE FUNCTION search_events(
    p_search text,
    p_from timestamptz,
    p_to timestamptz,
    p_from_date date,
    p_to_date date
)
RETURNS TABLE (event_id bigint, date_time timestamptz, match_class integer)
LANGUAGE plpgsql
STABLE
PARALLEL UNSAFE
SET search_path = public, pg_temp
-- Which index is best depends on the words, so a plan is made for each search.
SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
DECLARE
    -- How many of the soonest matches are ranked.
    v_most_ranked constant integer := 500;
    -- How many events are read when no index can find any of the words.
    v_most_read constant integer := 10000;
    v_typed constant text[] := typed_words(p_search);
    v_contained constant text[] := ARRAY(SELECT like_contains(word) FROM unnest(v_typed) AS word);
    v_word_starts constant text[] := ARRAY(
        SELECT '% ' || ltrim(like_contains(word), '%') FROM unnest(v_typed) AS word
    );
    v_corrected text[];
    v_to timestamptz := p_to;
BEGIN
    IF NOT has_trigram(v_typed[1]) THEN
        v_to := least(p_to, date_time_after_events(p_from, v_most_read));
    END IF;
    RETURN QUERY
    SELECT
        id,
        date_time,
        CASE
            WHEN ' ' || search_text(title) LIKE ALL (v_word_starts) THEN 1
            WHEN search_text(title) LIKE ALL (v_contained) THEN 2
            ELSE 3
        END
    FROM (
        SELECT id, date_time::timestamptz, title
        FROM events
        WHERE status = 'active'
            AND search_text LIKE v_contained[1]
            AND search_text LIKE ALL (v_contained[2:])
            AND date_time >= p_from
            AND date_time < v_to
            AND local_date_time >= coalesce(p_from_date, '-infinity')
            AND local_date_time < coalesce(p_to_date + 1, 'infinity')
        ORDER BY events.date_time, id
        LIMIT v_most_ranked
    ) AS soonest;
    IF FOUND THEN
        RETURN;
    END IF;

    SELECT array_agg(corrected_pattern(word) ORDER BY char_length(word) DESC)
    INTO v_corrected
    FROM (
        SELECT word
        FROM unnest(search_words(array_to_string(v_typed, ' '))) AS word
        ORDER BY char_length(word) DESC
        LIMIT 8
    ) AS longest;
    IF v_corrected IS NULL OR array_position(v_corrected, NULL) IS NOT NULL THEN
        RETURN;
    END IF;
    -- The index can find the pattern only if it can find each of its alternatives.
    v_to := p_to;
    IF v_corrected[1] ~ '(^|\|).{0,2}(\||$)' THEN
        v_to := least(p_to, date_time_after_events(p_from, v_most_read));
    END IF;
    RETURN QUERY
    SELECT id, date_time::timestamptz, 4
    FROM events
    WHERE status = 'active'
        AND search_text ~ v_corrected[1]
        AND search_text ~ ALL (v_corrected[2:])
        AND date_time >= p_from
        AND date_time < v_to
        AND local_date_time >= coalesce(p_from_date, '-infinity')
        AND local_date_time < coalesce(p_to_date + 1, 'infinity')
    ORDER BY events.date_time, id
    LIMIT v_most_ranked;
END;
$$;

CREATE OR REPLACE FUNCTION is_blank(p_text text)
RETURNS boolean
LANGUAGE plpgsql
IMMUTABLE
PARALLEL SAFE
SET search_path = public, pg_temp
AS $$
BEGIN
    RETURN p_text ~ '^['
        '\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5'
        '\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f'
        '\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a'
        '\U000e0000-\U000e0fff'
        ']*$';
END;
$$;

CREATE OR REPLACE FUNCTION ticket_code_check_symbol(p_symbols text)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE
PARALLEL SAFE
SET search_path = public, pg_temp
AS $$
DECLARE
    -- From the right, every other symbol counts twice, a product as the sum of its base 32
    -- digits. The tables give the value of a symbol by its character code minus that of '0'.
    v_symbols constant bytea := convert_to(p_symbols, 'UTF8');
    v_single constant bytea := '\x00010203040506070809000000000000000a0b0c0d0e0f1011'
        '00121300141500161718191a001b1c1d1e1f';
    v_double constant bytea := '\x00020406080a0c0e1012000000000000001416181a1c1e0103'
        '00050700090b000d0f1113150017191b1d1f';
    v_sum integer := 0;
BEGIN
    FOR place IN 0 .. 18 BY 2 LOOP
        v_sum := v_sum
            + get_byte(v_single, get_byte(v_symbols, place) - 48)
            + get_byte(v_double, get_byte(v_symbols, place + 1) - 48);
    END LOOP;
    RETURN substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', (32 - v_sum % 32) % 32 + 1, 1);
END;
$$;

CREATE OR REPLACE FUNCTION parse_ticket_code(p_typed text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $$
    SELECT write_ticket_code(typed.symbols)
    FROM (
        SELECT translate(
            upper(regexp_replace(p_typed, '[\s\u2010-\u2015-]', '', 'g')), 'ILO', '110'
        ) AS symbols
    ) AS typed
    WHERE typed.symbols ~ '^[0-9A-HJKMNP-TV-Z]{21}$'
        AND right(typed.symbols, 1) = ticket_code_check_symbol(left(typed.symbols, 20));
$$;

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
    ON CONFLICT (phone) DO UPDATE
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

CREATE OR REPLACE FUNCTION complete_updated_bookings()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
-- PL/pgSQL keeps the plan of a session's first call, also for calls with very many or very few
-- rows. So every plan goes through the indexes.
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
BEGIN
    -- Lock even a single event first: an UPDATE that waits for a transaction which then changes
    -- nothing keeps the time that it took before it waited.
    PERFORM FROM events
    WHERE id IN (SELECT event_id FROM new_rows)
    ORDER BY id
    FOR NO KEY UPDATE;
    WITH counted AS (
        UPDATE events
        SET bookings_count = events.bookings_count + change.bookings,
            tickets_sold = events.tickets_sold + change.tickets,
            revenue = events.revenue + change.revenue,
            tickets_checked_in = events.tickets_checked_in + change.checked_in,
            counted_at = next_moment(events)
        FROM (
            SELECT
                event_id,
                sum(sign) AS bookings,
                sum(sign * quantity) AS tickets,
                sum(sign * total_amount) AS revenue,
                sum(sign * tickets_checked_in) AS checked_in
            FROM (
                SELECT 1 AS sign, event_id, quantity, total_amount, tickets_checked_in, status
                FROM new_rows
                UNION ALL
                SELECT -1, event_id, quantity, total_amount, tickets_checked_in, status
                FROM old_rows
            ) AS version
            WHERE status = 'confirmed'
            GROUP BY event_id
            -- An update that changes no figure leaves its event alone.
            HAVING (
                sum(sign), sum(sign * quantity), sum(sign * total_amount),
                sum(sign * tickets_checked_in)
            ) <> (0, 0, 0, 0)
        ) AS change
        WHERE events.id = change.event_id
        RETURNING events.*
    )
    INSERT INTO event_figures
    SELECT id, counted_at, bookings_count, tickets_sold, revenue, tickets_checked_in
    FROM counted;

    -- The tickets follow their booking. Used ones stay used: they did admit somebody.
    IF EXISTS (SELECT FROM new_rows WHERE status = 'cancelled') THEN
        UPDATE tickets
        SET status = 'cancelled'
        FROM new_rows
        WHERE tickets.booking_id = new_rows.id
            AND new_rows.status = 'cancelled'
            AND tickets.status = 'active';
    END IF;
    RETURN NULL;
END;
$$;

CREATE OR REPLACE FUNCTION count_updated_tickets()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
-- PL/pgSQL keeps the plan of a session's first call, also for calls with very many or very few
-- rows. So every plan goes through the indexes.
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
DECLARE
    v_cancelled_booking_id bigint;
BEGIN
    -- The usual case when a booking is cancelled: no ticket was or is used.
    IF NOT EXISTS (
        SELECT FROM new_rows WHERE status = 'used'
        UNION ALL
        SELECT FROM old_rows WHERE status = 'used'
    ) THEN
        RETURN NULL;
    END IF;
    PERFORM FROM bookings
    WHERE id IN (SELECT booking_id FROM new_rows)
    ORDER BY id
    FOR NO KEY UPDATE;
    WITH counted AS (
        UPDATE bookings
        SET tickets_checked_in = bookings.tickets_checked_in + change.checked_in
        FROM (
            SELECT booking_id, sum(sign) AS checked_in
            FROM (
                SELECT 1 AS sign, booking_id, status FROM new_rows
                UNION ALL
                SELECT -1, booking_id, status FROM old_rows
            ) AS version
            WHERE status = 'used'
            GROUP BY booking_id
            HAVING sum(sign) <> 0
        ) AS change
        WHERE bookings.id = change.booking_id
        RETURNING bookings.id, bookings.status, change.checked_in
    )
    SELECT min(id) INTO v_cancelled_booking_id
    FROM counted
    WHERE status = 'cancelled'
        AND checked_in > 0;
    -- admit_ticket_row() sees a booking as it is before the statement. A statement that admits by a
    -- ticket and cancels its booking as well is noticed here, after it.
    IF v_cancelled_booking_id IS NOT NULL AND NOT repair_begun() THEN
        RAISE EXCEPTION 'a ticket of a cancelled booking admits nobody: booking %',
            v_cancelled_booking_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END;
$$;

CREATE OR REPLACE FUNCTION refuse_change_unless_repairing()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    IF NOT repair_begun() THEN
        RAISE EXCEPTION '%', TG_ARGV[0]
            USING ERRCODE = 'restrict_violation',
                HINT = 'The owner of the database can announce a repair: '
                    'SELECT begin_repair(''why'').';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END;
$$;

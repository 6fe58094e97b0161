-- A batch of booking requests is an array of one composite type, and its answers are rows of one
-- type. Deciding about requests and giving them capacity are functions of their own. The form with
-- parallel arrays stays, for API processes of the first release.
-- depends: 0018_report_moved_events

-- What book_tickets() takes and what it answers with. A batch is an array of requests.
CREATE TYPE booking_request AS (
    user_id bigint,
    event_id bigint,
    quantity integer,
    idempotency_key text,
    booked_by bigint,
    expected_total numeric
);
COMMENT ON TYPE booking_request IS 'What book_tickets() takes: who wants how many tickets for what.';
COMMENT ON COLUMN booking_request.user_id IS 'The customer the tickets are for.';
COMMENT ON COLUMN booking_request.idempotency_key IS
    'The same customer and key again returns the booking as it is now. NULL: without one.';
COMMENT ON COLUMN booking_request.booked_by IS 'The user who books. NULL: the customer.';
COMMENT ON COLUMN booking_request.expected_total IS
    'Refuse when price times quantity is not this. NULL: any total will do.';

CREATE TYPE booking_with_tickets AS (
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
);
COMMENT ON TYPE booking_with_tickets IS
    'A booking as its owner sees it, with its event and its tickets, codes included. A type and not '
    'a view: views are for people who must not see codes.';
COMMENT ON COLUMN booking_with_tickets.cancellable IS
    'Confirmed, no ticket used, and the event not yet started.';
COMMENT ON COLUMN booking_with_tickets.tickets IS
    'An array of objects with id, ticket_code, status and used_at. NULL: it has none, which a '
    'repair can cause.';

-- Its calls stay as they are.
-- squawk-ignore ban-drop-function
DROP FUNCTION booking_with_tickets(bigint);
CREATE FUNCTION booking_with_tickets(p_booking_id bigint)
RETURNS SETOF booking_with_tickets
LANGUAGE sql
STABLE
AS $$
    SELECT
        bookings.id,
        bookings.user_id,
        bookings.event_id,
        bookings.quantity,
        bookings.unit_price,
        bookings.total_amount,
        bookings.status,
        bookings.booking_date,
        bookings.cancelled_at,
        bookings.booked_by,
        bookings.status = 'confirmed'
            AND bookings.tickets_checked_in = 0
            AND events.bookable,
        events.title,
        events.venue,
        events.date_time,
        events.time_zone,
        events.status,
        (
            SELECT jsonb_agg(
                jsonb_build_object('id', tickets.id, 'ticket_code', ticket_code, 'status', tickets.status, 'used_at', used_at)
                ORDER BY tickets.id
            )
            FROM tickets
            WHERE tickets.booking_id = bookings.id
        )
    FROM bookings
    JOIN events ON events.id = bookings.event_id
    WHERE bookings.id = p_booking_id;
$$;
COMMENT ON FUNCTION booking_with_tickets(bigint) IS 'A booking with its event and its tickets, codes included, for its owner.';
GRANT EXECUTE ON FUNCTION booking_with_tickets(bigint) TO ticketing_api;

CREATE TYPE booking_decision AS (
    request_no integer,
    request booking_request,
    first_no integer,
    event_no integer,
    available integer,
    unit_price numeric,
    booking_id bigint,
    replayed boolean,
    error_code text,
    error_detail jsonb
);
COMMENT ON TYPE booking_decision IS
    'What book_tickets() has decided about a request. Neither booking_id nor error_code: nothing '
    'yet.';
COMMENT ON COLUMN booking_decision.first_no IS
    'The first pending request of the same customer with the same key, or this request.';
COMMENT ON COLUMN booking_decision.event_no IS '1, 2, ... for the events of the batch.';
COMMENT ON COLUMN booking_decision.available IS
    'How many tickets of the event were left before this batch.';
COMMENT ON COLUMN booking_decision.booking_id IS 'The booking that answers the request.';
COMMENT ON COLUMN booking_decision.replayed IS
    'The booking was made before, by a request with the same key.';
COMMENT ON COLUMN booking_decision.error_code IS
    'Why the request is refused. A key that made another booking has a booking_id as well.';

CREATE FUNCTION decide_booking_requests(
    p_requests booking_request[],
    p_pending integer[]
)
RETURNS SETOF booking_decision
LANGUAGE sql
STABLE
AS $$
    SELECT
        no,
        ROW(user_id, event_id, quantity, idempotency_key, booked_by, expected_total)::booking_request,
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
COMMENT ON FUNCTION decide_booking_requests IS
    'For book_tickets: replays, refusals, and sold-out where no pending request fits into what is '
    'left. One row for each pending request, in order. p_pending: their numbers; NULL: all.';

CREATE FUNCTION give_capacity(
    p_requests booking_request[],
    p_pending integer[]
)
RETURNS SETOF booking_decision
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_taken integer[] := array_fill(0, ARRAY[cardinality(p_requests)]);  -- by event_no
    v_first booking_decision[];  -- by first_no: the first decision for a key that made a booking
    v_decision booking_decision;
    v_same booking_decision;
    v_left integer;
BEGIN
    FOR v_decision IN SELECT * FROM decide_booking_requests(p_requests, p_pending) LOOP
        v_same := v_first[v_decision.first_no];
        IF v_same.booking_id IS NOT NULL THEN
            -- A request of this batch with the same key has just made the booking.
            v_decision.booking_id := v_same.booking_id;
            v_decision.replayed := true;
            v_decision.error_code := NULL;
            v_decision.error_detail := NULL;
            IF ((v_decision.request).event_id, (v_decision.request).quantity)
                IS DISTINCT FROM ((v_same.request).event_id, (v_same.request).quantity)
            THEN
                v_decision.error_code := 'TK007';
                v_decision.error_detail := '{}';
            END IF;
        ELSIF NOT v_decision.replayed AND v_decision.error_code IS NULL THEN
            v_left := v_decision.available - v_taken[v_decision.event_no];
            IF (v_decision.request).quantity > v_left THEN
                v_decision.error_code := 'TK001';
                v_decision.error_detail := jsonb_build_object('available', v_left);
            ELSE
                v_decision.booking_id := nextval('bookings_id_seq');
                v_taken[v_decision.event_no] :=
                    v_taken[v_decision.event_no] + (v_decision.request).quantity;
                v_first[v_decision.first_no] := v_decision;
            END IF;
        END IF;
        RETURN NEXT v_decision;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION give_capacity IS
    'For book_tickets: gives tickets to the pending requests, in order, and the id of the booking '
    'to be. Call it under the locks of their events and keys. One row for each of them.';

CREATE FUNCTION book_tickets(p_requests booking_request[])
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
-- One plan for batches of every size, through the indexes: planning these statements anew costs
-- more than running them, and a plan made while tables are small must not scan them later.
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
    v_decisions booking_decision[];  -- the latest about each request, by its number
    v_given booking_decision[];      -- those of one round
    v_decision booking_decision;
    v_pending integer[];             -- the numbers of the requests that are not decided yet
    v_inserted bigint[];
    v_has_inserted boolean := false;
    v_booking_date timestamptz;
BEGIN
    IF cardinality(p_requests) > 1000 THEN
        -- Each key takes an advisory lock, and the server has room for a limited number.
        RAISE EXCEPTION 'a batch holds at most 1000 requests' USING ERRCODE = 'program_limit_exceeded';
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
        -- Another batch may be using one customer's key for another event. To find that out by the
        -- INSERT would be too late: it already holds other keys, that others wait for.
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

        -- A booking that was skipped has left its tickets to others: all decide again, but those
        -- whose booking is there.
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
    -- OFFSET keeps each look-up by the booking's id. A plan that was made while the tables were empty
    -- would otherwise read every booking of an event for each answer.
    LEFT JOIN LATERAL (
        SELECT booking FROM booking_with_tickets(decision.booking_id) AS booking OFFSET 0
    ) AS found ON decision.error_code IS NULL
    ORDER BY decision.request_no;
END;
$$;
COMMENT ON FUNCTION book_tickets(booking_request[]) IS
    'Many booking requests, 1,000 at most: one row for each, in order, with the booking and its '
    'tickets, or the SQLSTATE and detail it would have raised alone. One request''s failure '
    'touches no other. Waits for a lock at most a second (55P03).';
GRANT EXECUTE ON FUNCTION book_tickets(booking_request[]) TO ticketing_api;

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
        ARRAY(SELECT ticket ->> 'ticket_code' FROM jsonb_array_elements(v_booking.tickets) AS ticket),
        v_outcome.replayed;
END;
$$;
COMMENT ON FUNCTION book_tickets(bigint, bigint, integer, text, bigint, numeric) IS 'Books tickets: checks and writes in one call, and returns the booking and its ticket codes, or raises TK001 to TK008 or TK016. The same customer and key again returns the booking as it is now. p_booked_by: who presses the button, by default the customer. p_expected_total: refuse when price times quantity is not this.';

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
        RAISE EXCEPTION 'the arrays of a batch differ in length' USING ERRCODE = 'array_subscript_error';
    END IF;
    RETURN QUERY
    SELECT
        answer.request_no,
        answer.replayed,
        answer.error_code,
        answer.error_detail,
        (answer.booking).*
    FROM book_tickets(ARRAY(
        SELECT ROW(user_id, event_id, quantity, key, booked_by, expected_total)::booking_request
        FROM unnest(
            p_user_ids, p_event_ids, p_quantities, p_idempotency_keys, p_booked_by, p_expected_totals
        ) WITH ORDINALITY AS given (user_id, event_id, quantity, key, booked_by, expected_total, no)
        ORDER BY no
    )) AS answer;
END;
$$;
COMMENT ON FUNCTION book_tickets(bigint[], bigint[], integer[], text[], bigint[], numeric[]) IS
    'Many booking requests as parallel arrays, for API processes of the first release: see the form '
    'with booking_request[].';

-- Only the old body of book_tickets calls it. A batch that is under way meanwhile fails as a whole,
-- and the API tries each of its requests again, with the new body.
-- squawk-ignore ban-drop-function
DROP FUNCTION booking_requests(bigint[], bigint[], integer[], text[], bigint[], numeric[], integer[]);

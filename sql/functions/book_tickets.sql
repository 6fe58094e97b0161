-- book_tickets sells tickets: one call decides about booking requests, and writes bookings and
-- tickets. The batch form takes many requests, because one lock, one commit and one INSERT for a
-- hundred customers cost little more than for one. The single form calls it with one request.
--
-- The steps of a batch:
--   1. One statement answers, without a lock, the requests that need no capacity: repeated
--      requests, refused requests, and all requests for an event if each of them asks for more
--      tickets than are left, or than its customer may have. So requests for a sold-out event do not
--      wait for its lock. A refused request with the same key as an earlier one in the batch is left
--      to step 3.
--   2. The function locks the events of the other requests, in the order of their ids, their users
--      against being erased, and then the idempotency keys of these requests. Capacity and prices
--      that it reads from then on stay true until the commit.
--   3. give_capacity() decides which requests get tickets, in their order in the batch, at a time
--      that is read while the locks are held.
--   4. One statement inserts all bookings, with that time. The triggers on bookings update the
--      counters and write the tickets and the history. The CHECK events_never_oversold would refuse
--      the statement if it sold too many tickets.
--   5. The function returns for each request its booking, or the reason why it is refused.
--
-- A manual INSERT locks its event, but not its key. So somebody may insert a booking for another
-- event with a key of this batch while the batch runs. Then the INSERT of step 4 skips the request
-- with that key (ON CONFLICT). Steps 3 and 4 run again, and step 3 refuses the request (TK007).

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
        -- 3. Give capacity. The time of the bookings is read first: the decision whether an event is
        -- on sale is about that time. The setting tells it to decide_booking_requests(), and to the
        -- trigger bookings_begin that it was read while the locks were held.
        v_booking_date := clock_timestamp();
        PERFORM set_config('marquee.booking_date', v_booking_date::text, true);
        v_given := ARRAY(
            SELECT decision FROM give_capacity(p_requests, v_pending) AS decision
        );
        FOREACH v_decision IN ARRAY v_given LOOP
            v_decisions[v_decision.request_no] := v_decision;
        END LOOP;

        -- 4. Insert the bookings.
        WITH inserted AS (
            INSERT INTO bookings (
                id, user_id, event_id, quantity, unit_price, total_amount, booking_date, booked_by,
                idempotency_key, beyond_customer_limit
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
                (request).idempotency_key,
                coalesce(current_setting('marquee.beyond_customer_limit', true), '') = 'true'
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

CREATE FUNCTION book_tickets(
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
COMMENT ON FUNCTION book_tickets(bigint, bigint, integer, text, bigint, numeric) IS
    'Books tickets: checks and writes in one call, and returns the booking and its ticket codes, '
    'or raises TK001 to TK004, TK007, TK008, TK016, TK023 or TK053, or 23514 for a malformed key. '
    'A call with the same customer and key returns the booking as it is now. p_booked_by: the user '
    'who books, by default the customer; an admin may book outside the sale times. '
    'p_expected_total: the request is refused when price times quantity is another amount.';

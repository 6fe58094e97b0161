-- stand_on_own_commit() is called what it does: wait_for_standby_at_commit(). The comments in
-- book_tickets() are in plain words. create_event() without any field names a missing column.
-- depends: 0038_plainer_comments

CREATE FUNCTION wait_for_standby_at_commit()
RETURNS void
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    -- This writes a record of this transaction into the write-ahead log. The commit then waits
    -- until the standby has received everything up to that record, and so also what was found.
    PERFORM pg_logical_emit_message(true, 'marquee', '');
END;
$$;
COMMENT ON FUNCTION wait_for_standby_at_commit IS
    'Makes the commit of this transaction wait for the synchronous standby even if it writes '
    'nothing else. Call it before an answer reports something that an earlier transaction did.';

GRANT EXECUTE ON FUNCTION wait_for_standby_at_commit TO ticketing_api;

CREATE OR REPLACE FUNCTION stand_on_own_commit()
RETURNS void
LANGUAGE sql
VOLATILE
BEGIN ATOMIC
    SELECT wait_for_standby_at_commit();
END;
COMMENT ON FUNCTION stand_on_own_commit IS
    'The earlier name of wait_for_standby_at_commit(), for API processes of the release before.';

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
-- them. The plan must always use the indexes: a plan that reads whole tables, made while they were
-- small, would still be used when they are large.
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
        -- 2. Lock.
        PERFORM FROM events
        WHERE id IN (
            SELECT (request).event_id FROM unnest(v_decisions) WHERE request_no = ANY (v_pending)
        )
        ORDER BY id
        FOR NO KEY UPDATE;
        -- A faulty client may use one key for two events. Two batches with that key lock different
        -- events, so the locks on events do not make one wait for the other. Without a lock on the
        -- key, one would wait at the INSERT of step 4. They could deadlock there, because a batch in
        -- its second round still holds the keys that it inserted in its first round. So each batch
        -- locks all its keys here, in order, before its first INSERT.
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

-- In the other functions a few words change: they are replaced where they stand.
DO $step$
DECLARE
    v_function regprocedure;
    v_change text[];
BEGIN
    FOREACH v_change SLICE 1 IN ARRAY ARRAY[
        [
$$PERFORM stand_on_own_commit()$$,
$$PERFORM wait_for_standby_at_commit()$$
        ],
        [
$$    EXECUTE format('INSERT INTO events (%1$s) SELECT %1$s FROM (SELECT $1.*) AS given', v_columns)
        || ' RETURNING *'$$,
$$    EXECUTE CASE
            -- The error then names a column that has no default.
            WHEN v_columns IS NULL THEN 'INSERT INTO events DEFAULT VALUES'
            ELSE format('INSERT INTO events (%1$s) SELECT %1$s', v_columns)
                || ' FROM (SELECT $1.*) AS given'
        END || ' RETURNING *'$$
        ]
    ] LOOP
        FOR v_function IN
            SELECT oid
            FROM pg_proc
            WHERE pronamespace = 'public'::regnamespace
                AND strpos(prosrc, v_change[1]) > 0
        LOOP
            EXECUTE replace(pg_get_functiondef(v_function), v_change[1], v_change[2]);
        END LOOP;
    END LOOP;
END;
$step$;

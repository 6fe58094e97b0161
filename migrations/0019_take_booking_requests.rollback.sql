-- Takes 0019_take_booking_requests back.

CREATE FUNCTION booking_requests(
    p_user_ids bigint[],
    p_event_ids bigint[],
    p_quantities integer[],
    p_idempotency_keys text[],
    p_booked_by bigint[],
    p_expected_totals numeric[],
    p_pending integer[]
)
RETURNS TABLE (
    request_no integer,
    event_id bigint,
    quantity integer,
    first_no integer,
    event_no integer,
    earlier_booking_id bigint,
    earlier_event_id bigint,
    earlier_quantity integer,
    unit_price numeric,
    available integer,
    event_has_a_fit boolean,
    error_code text,
    error_detail jsonb
)
LANGUAGE sql
STABLE
AS $$
    SELECT
        request.no,
        request.event_id,
        request.quantity,
        CASE WHEN request.key IS NULL THEN request.no
            ELSE min(request.no) OVER (PARTITION BY request.user_id, request.key)
        END,
        dense_rank() OVER (ORDER BY request.event_id),
        earlier.id,
        earlier.event_id,
        earlier.quantity,
        events.price,
        events.tickets_available,
        coalesce(
            bool_or(request.quantity <= events.tickets_available AND refusal.code IS NULL AND earlier.id IS NULL)
                OVER (PARTITION BY request.event_id),
            false
        ),
        refusal.code,
        CASE refusal.code
            WHEN '23514' THEN jsonb_build_object('constraint', 'bookings_idempotency_key_visible_ascii')
            WHEN 'TK003' THEN jsonb_build_object(
                'reason', CASE events.status WHEN 'active' THEN 'started' ELSE events.status::text END
            )
            WHEN 'TK004' THEN jsonb_build_object('limit', events.max_tickets_per_booking)
            WHEN 'TK016' THEN jsonb_build_object('total_amount', (events.price * request.quantity)::text)
            ELSE '{}'
        END
    FROM (
        SELECT ordinality::integer AS no, user_id, event_id, quantity, key, coalesce(booked_by, user_id) AS booked_by, expected_total
        FROM unnest(p_user_ids, p_event_ids, p_quantities, p_idempotency_keys, p_booked_by, p_expected_totals)
            WITH ORDINALITY AS given (user_id, event_id, quantity, key, booked_by, expected_total)
        WHERE ordinality = ANY (p_pending)
    ) AS request
    LEFT JOIN bookings AS earlier ON earlier.user_id = request.user_id AND earlier.idempotency_key = request.key
    LEFT JOIN users AS customer ON customer.id = request.user_id
    LEFT JOIN users AS booker ON booker.id = request.booked_by
    LEFT JOIN events ON events.id = request.event_id
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN char_length(request.key) NOT BETWEEN 1 AND 64 OR request.key ~ '[^!-~]' THEN '23514'
            WHEN customer.id IS NULL OR booker.id IS NULL THEN 'TK008'
            WHEN events.id IS NULL THEN 'TK002'
            WHEN NOT events.bookable THEN 'TK003'
            WHEN coalesce(request.quantity, 0) NOT BETWEEN 1 AND events.max_tickets_per_booking THEN 'TK004'
            WHEN request.expected_total <> events.price * request.quantity THEN 'TK016'
        END AS code
    ) AS refusal
    ORDER BY request.no;
$$;
COMMENT ON FUNCTION booking_requests(bigint[], bigint[], integer[], text[], bigint[], numeric[], integer[]) IS 'For book_tickets: the pending requests in arrival order, each with the booking its key already made, the state of its event and, but for capacity, the refusal it deserves. first_no: the first pending request with the same customer and key. event_no: 1, 2, ... for the distinct events. event_has_a_fit: some request for this event may yet be given tickets.';

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
    v_count constant integer := coalesce(cardinality(p_user_ids), 0);
    v_nulls constant bigint[] := array_fill(NULL::bigint, ARRAY[v_count]);
    -- The answers, by request number.
    v_booking_ids bigint[] := v_nulls;
    v_replayed boolean[] := array_fill(false, ARRAY[v_count]);
    v_error_codes text[] := v_nulls::text[];
    v_error_details jsonb[] := array_fill(NULL::jsonb, ARRAY[v_count]);
    -- The state of one round.
    v_locked boolean := false;
    v_pending integer[] := ARRAY(SELECT generate_series(1, v_count));
    v_undecided integer[];
    v_taken integer[];           -- by event_no: tickets given in this round
    v_accepted integer[];        -- request numbers to insert
    v_unit_prices numeric[];     -- beside v_accepted
    v_accepted_by_key integer[]; -- by first_no: the request accepted for this key
    v_inserted bigint[] := '{}';
    v_has_inserted boolean := false;
    v_booking_date timestamptz;
    v_same integer;
    r record;
BEGIN
    IF (cardinality(p_event_ids), cardinality(p_quantities), cardinality(p_idempotency_keys), cardinality(p_booked_by),
        cardinality(p_expected_totals)) IS DISTINCT FROM (v_count, v_count, v_count, v_count, v_count)
    THEN
        RAISE EXCEPTION 'the arrays of a batch differ in length' USING ERRCODE = 'array_subscript_error';
    ELSIF v_count > 1000 THEN
        -- Each key takes an advisory lock, and the server has room for a limited number.
        RAISE EXCEPTION 'a batch holds at most 1000 requests' USING ERRCODE = 'program_limit_exceeded';
    END IF;

    WHILE cardinality(v_pending) > 0 LOOP
        v_undecided := '{}';
        v_taken := array_fill(0, ARRAY[v_count]);
        v_accepted := '{}';
        v_unit_prices := '{}';
        v_accepted_by_key := v_nulls::integer[];
        FOR r IN
            SELECT *
            FROM booking_requests(p_user_ids, p_event_ids, p_quantities, p_idempotency_keys, p_booked_by, p_expected_totals, v_pending)
        LOOP
            v_same := v_accepted_by_key[r.first_no];
            v_booking_ids[r.request_no] := coalesce(r.earlier_booking_id, v_booking_ids[v_same]);
            v_replayed[r.request_no] := v_booking_ids[r.request_no] IS NOT NULL;
            v_error_codes[r.request_no] := NULL;
            v_error_details[r.request_no] := NULL;
            IF v_replayed[r.request_no] THEN
                IF (r.event_id, r.quantity) IS DISTINCT FROM (
                    coalesce(r.earlier_event_id, p_event_ids[v_same]), coalesce(r.earlier_quantity, p_quantities[v_same])
                ) THEN
                    v_error_codes[r.request_no] := 'TK007';
                    v_error_details[r.request_no] := '{}';
                END IF;
            ELSIF NOT v_locked AND r.first_no < r.request_no THEN
                -- What the same key did just before it decides, and that is not known yet.
                v_undecided := v_undecided || r.request_no;
            ELSIF r.error_code IS NOT NULL THEN
                v_error_codes[r.request_no] := r.error_code;
                v_error_details[r.request_no] := r.error_detail;
            ELSIF NOT v_locked AND r.event_has_a_fit THEN
                v_undecided := v_undecided || r.request_no;
            ELSIF r.quantity > r.available - v_taken[r.event_no] THEN
                v_error_codes[r.request_no] := 'TK001';
                v_error_details[r.request_no] := jsonb_build_object('available', r.available - v_taken[r.event_no]);
            ELSE
                v_booking_ids[r.request_no] := nextval('bookings_id_seq');
                v_taken[r.event_no] := v_taken[r.event_no] + r.quantity;
                v_accepted := v_accepted || r.request_no;
                v_unit_prices := v_unit_prices || r.unit_price;
                v_accepted_by_key[r.first_no] := r.request_no;
            END IF;
        END LOOP;

        IF NOT v_locked THEN
            v_locked := true;
            v_pending := v_undecided;
            PERFORM FROM events
            WHERE id IN (SELECT p_event_ids[no] FROM unnest(v_pending) AS no)
            ORDER BY id
            FOR NO KEY UPDATE;
            -- One customer's key may be under way for another event. To find that out by the
            -- INSERT would be too late: it already holds other keys, that others wait for.
            PERFORM pg_advisory_xact_lock(key.number)
            FROM (
                SELECT DISTINCT hashtextextended(p_idempotency_keys[no], p_user_ids[no]) AS number
                FROM unnest(v_pending) AS no
                ORDER BY number
            ) AS key;
            CONTINUE;
        END IF;

        v_booking_date := clock_timestamp();
        -- Tells the trigger bookings_begin that this time was taken under the locks.
        PERFORM set_config('marquee.booking_date', v_booking_date::text, true);
        -- In the order of keys, so that two processes with the same keys cannot deadlock.
        WITH inserted AS (
            INSERT INTO bookings (
                id, user_id, event_id, quantity, unit_price, total_amount, booking_date, booked_by, idempotency_key
            )
            OVERRIDING SYSTEM VALUE
            SELECT
                v_booking_ids[no],
                p_user_ids[no],
                p_event_ids[no],
                p_quantities[no],
                price,
                price * p_quantities[no],
                v_booking_date,
                coalesce(p_booked_by[no], p_user_ids[no]),
                p_idempotency_keys[no]
            FROM unnest(v_accepted, v_unit_prices) AS accepted (no, price)
            ORDER BY p_user_ids[no], p_idempotency_keys[no]
            ON CONFLICT (user_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
            RETURNING id
        )
        SELECT coalesce(array_agg(id), '{}') INTO v_inserted FROM inserted;

        v_has_inserted := v_has_inserted OR v_inserted <> '{}';
        EXIT WHEN cardinality(v_inserted) = cardinality(v_accepted);
        v_pending := ARRAY(
            SELECT no FROM unnest(v_pending) AS no WHERE v_booking_ids[no] = ANY (v_inserted) IS NOT TRUE ORDER BY no
        );
    END LOOP;

    IF NOT v_has_inserted AND true = ANY (v_replayed) THEN
        PERFORM stand_on_own_commit();
    END IF;
    RETURN QUERY
    SELECT answer.no::integer, answer.replayed AND answer.error_code IS NULL, answer.error_code, answer.error_detail, booking.*
    FROM unnest(v_booking_ids, v_replayed, v_error_codes, v_error_details)
        WITH ORDINALITY AS answer (booking_id, replayed, error_code, error_detail, no)
    -- OFFSET keeps each look-up by the booking's id. A plan that was made while the tables were empty
    -- would otherwise read every booking of an event for each answer.
    LEFT JOIN LATERAL (
        SELECT * FROM booking_with_tickets(answer.booking_id) OFFSET 0
    ) AS booking ON answer.error_code IS NULL
    ORDER BY answer.no;
END;
$$;
COMMENT ON FUNCTION book_tickets(bigint[], bigint[], integer[], text[], bigint[], numeric[]) IS
    'Many booking requests as parallel arrays (customer, event, quantity, idempotency key or NULL, '
    'the user who books or NULL for the customer, expected total or NULL), 1,000 at most: one '
    'row for each, in order, with the booking and its tickets, or the SQLSTATE and detail it would '
    'have raised alone. One request''s failure touches no other. Waits for a lock at most a second '
    '(55P03).';

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
BEGIN
    SELECT *
    INTO v_outcome
    FROM book_tickets(
        ARRAY[p_user_id], ARRAY[p_event_id], ARRAY[p_quantity], ARRAY[p_idempotency_key], ARRAY[p_booked_by], ARRAY[p_expected_total]
    );
    IF v_outcome.error_code IS NOT NULL THEN
        PERFORM raise_problem(v_outcome.error_code, v_outcome.error_detail);
    END IF;
    RETURN QUERY
    SELECT
        v_outcome.id,
        v_outcome.user_id,
        v_outcome.event_id,
        v_outcome.quantity,
        v_outcome.unit_price,
        v_outcome.total_amount,
        v_outcome.status,
        v_outcome.booking_date,
        v_outcome.booked_by,
        v_outcome.event_title,
        ARRAY(SELECT ticket ->> 'ticket_code' FROM jsonb_array_elements(v_outcome.tickets) AS ticket),
        v_outcome.replayed;
END;
$$;
COMMENT ON FUNCTION book_tickets(bigint, bigint, integer, text, bigint, numeric) IS 'Books tickets: checks and writes in one call, and returns the booking and its ticket codes, or raises TK001 to TK008 or TK016. The same customer and key again returns the booking as it is now. p_booked_by: who presses the button, by default the customer. p_expected_total: refuse when price times quantity is not this.';

DROP FUNCTION book_tickets(booking_request[]);
DROP FUNCTION give_capacity(booking_request[], integer[]);
DROP FUNCTION decide_booking_requests(booking_request[], integer[]);
DROP TYPE booking_decision;

DROP FUNCTION booking_with_tickets(bigint);
CREATE FUNCTION booking_with_tickets(p_booking_id bigint)
RETURNS TABLE (
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

DROP TYPE booking_with_tickets;
DROP TYPE booking_request;

-- decide_booking_requests() answers the requests of a batch that need no capacity. book_tickets()
-- calls it before locking anything, and give_capacity() calls it again while the locks are held. It
-- is one statement, so that one snapshot shows both which keys already have a booking and how many
-- tickets are left.

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
    error_detail jsonb,
    customer_no integer,
    owned integer,
    customer_limit integer
);
COMMENT ON TYPE booking_decision IS
    'What book_tickets() has decided about a request so far: it is answered by a booking '
    '(booking_id), refused (error_code), or still waits for capacity (both are NULL).';
COMMENT ON COLUMN booking_decision.first_no IS
    'The first pending request of the same customer with the same key. Without a key: this '
    'request.';
COMMENT ON COLUMN booking_decision.event_no IS
    'The first pending request for the same event.';
COMMENT ON COLUMN booking_decision.available IS
    'How many tickets of the event were left before this round of decisions.';
COMMENT ON COLUMN booking_decision.booking_id IS 'The booking that answers the request.';
COMMENT ON COLUMN booking_decision.replayed IS
    'A booking with the same key exists already, or an earlier request of the batch makes it. Also '
    'true when that booking is of another event or quantity (TK007).';
COMMENT ON COLUMN booking_decision.error_code IS
    'Why the request is refused. If its key belongs to a booking of another event or quantity '
    '(TK007), booking_id names that booking.';

COMMENT ON COLUMN booking_decision.customer_no IS
    'The first pending request of the same customer for the same event.';
COMMENT ON COLUMN booking_decision.owned IS
    'How many tickets of the event the customer had before this round of decisions. NULL: nothing '
    'limits the customer.';
COMMENT ON COLUMN booking_decision.customer_limit IS
    'How many tickets of the event a customer may have. NULL: any number.';

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
            WHEN 'TK003' THEN jsonb_strip_nulls(
                jsonb_build_object(
                    'reason', closed_reason,
                    'sale_starts_at', CASE closed_reason WHEN 'not-yet-on-sale' THEN
                        to_char(timezone('UTC', sale_starts_at), 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
                    END
                )
            )
            WHEN 'TK004' THEN jsonb_build_object('limit', max_tickets_per_booking)
            WHEN 'TK016' THEN jsonb_build_object('total_amount', (unit_price * quantity)::text)
            WHEN 'TK023' THEN jsonb_build_object('limit', customer_limit, 'owned', owned)
            ELSE CASE WHEN code IS NOT NULL THEN '{}'::jsonb END
        END,
        customer_no,
        owned,
        customer_limit
    FROM (
        SELECT
            request.*,
            CASE
                WHEN request.idempotency_key IS NULL THEN request.no
                ELSE min(request.no) OVER (PARTITION BY request.user_id, request.idempotency_key)
            END AS first_no,
            min(request.no) OVER (PARTITION BY request.event_id) AS event_no,
            min(request.no) OVER (PARTITION BY request.event_id, request.user_id) AS customer_no,
            events.tickets_available AS available,
            events.price AS unit_price,
            events.sale_starts_at,
            state.closed_reason,
            state.owned,
            state.customer_limit,
            events.max_tickets_per_booking,
            earlier.id AS earlier_booking_id,
            CASE
                WHEN earlier.id IS NOT NULL THEN CASE
                    WHEN (earlier.event_id, earlier.quantity)
                        IS DISTINCT FROM (request.event_id, request.quantity) THEN 'TK007'
                END
                WHEN refusal.code IS NOT NULL THEN refusal.code
                -- No request of this customer for this event can be booked.
                WHEN state.owned + request.quantity > state.customer_limit
                    AND NOT bool_or(possible.fits)
                        OVER (PARTITION BY request.event_id, request.user_id) THEN 'TK023'
                -- No request for this event can be booked.
                WHEN NOT bool_or(possible.fits)
                    OVER (PARTITION BY request.event_id) THEN 'TK001'
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
        CROSS JOIN (
            -- Before the locks are held, the answer is about the time of the call; then about the
            -- time that the bookings will have.
            SELECT CASE
                WHEN p_pending IS NULL THEN statement_timestamp()
                ELSE coalesce(
                    nullif(current_setting('marquee.booking_date', true), '')::timestamptz,
                    statement_timestamp()
                )
            END AS at,
            -- Set by book_tickets_beyond_limit().
            coalesce(current_setting('marquee.beyond_customer_limit', true), '') = 'true'
                AS beyond_customer_limit
            OFFSET 0
        ) AS call
        LEFT JOIN bookings AS earlier
            ON earlier.user_id = request.user_id
            AND earlier.idempotency_key = request.idempotency_key
        LEFT JOIN users AS customer ON customer.id = request.user_id
        LEFT JOIN users AS booker ON booker.id = request.booked_by
        LEFT JOIN events ON events.id = request.event_id
        -- OFFSET, here and below: what is used several times is worked out once.
        CROSS JOIN LATERAL (
            SELECT
                closed_reason(events, booker.role = 'admin', call.at) AS closed_reason,
                CASE
                    WHEN NOT call.beyond_customer_limit THEN events.max_tickets_per_customer
                END AS customer_limit,
                -- The tickets of a customer are counted only if the event has a limit.
                CASE
                    WHEN events.max_tickets_per_customer IS NOT NULL THEN (
                        SELECT coalesce(sum(bookings.quantity), 0)::integer
                        FROM bookings
                        WHERE bookings.event_id = request.event_id
                            AND bookings.user_id = request.user_id
                            AND bookings.status = 'confirmed'
                    )
                END AS owned
            OFFSET 0
        ) AS state
        CROSS JOIN LATERAL (
            SELECT CASE
                WHEN char_length(request.idempotency_key) NOT BETWEEN 1 AND 64
                    OR request.idempotency_key ~ '[^!-~]' THEN '23514'
                WHEN customer.id IS NULL OR booker.id IS NULL THEN 'TK008'
                WHEN coalesce(customer.erased_at, booker.erased_at) IS NOT NULL THEN 'TK053'
                WHEN events.id IS NULL OR events.status = 'draft' THEN 'TK002'
                WHEN state.closed_reason IS NOT NULL THEN 'TK003'
                WHEN coalesce(request.quantity, 0)
                    NOT BETWEEN 1 AND events.max_tickets_per_booking THEN 'TK004'
                WHEN request.expected_total <> events.price * request.quantity THEN 'TK016'
                WHEN call.beyond_customer_limit AND booker.role <> 'admin' THEN 'TK020'
            END AS code
            OFFSET 0
        ) AS refusal
        CROSS JOIN LATERAL (
            SELECT earlier.id IS NULL
                AND refusal.code IS NULL
                AND request.quantity <= events.tickets_available
                AND (
                    state.customer_limit IS NULL
                    OR state.owned + request.quantity <= state.customer_limit
                ) AS fits
        ) AS possible
    ) AS decided
    ORDER BY no;
$$;
COMMENT ON FUNCTION decide_booking_requests IS
    'For book_tickets: decides which pending requests are repeated ones (replayed), which are '
    'refused, and which are sold out or beyond the limit of their customer, because no other '
    'pending request for the event, or of the customer for the event, can be booked. Returns one '
    'row for each pending request, in order. p_pending: the numbers of the pending requests; NULL: '
    'all.';

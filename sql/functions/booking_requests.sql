-- booking_requests: all that decides about each request of a batch, in one statement, so that what it
-- says about a key and about tickets available is of the same moment. See book_tickets.sql.

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
REVOKE EXECUTE ON FUNCTION booking_requests(bigint[], bigint[], integer[], text[], bigint[], numeric[], integer[]) FROM PUBLIC;

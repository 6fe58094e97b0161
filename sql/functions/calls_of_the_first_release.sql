-- The forms of functions that API processes of the first release call. They stay while such
-- processes are being replaced, and the next release removes this file.

CREATE FUNCTION book_tickets(
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
COMMENT ON FUNCTION book_tickets(bigint[], bigint[], integer[], text[], bigint[], numeric[]) IS
    'Many booking requests as parallel arrays, for API processes of the first release: see the '
    'form with booking_request[].';

CREATE FUNCTION create_event(
    p_title text,
    p_description text,
    p_venue text,
    p_date_time timestamptz,
    p_time_zone text,
    p_capacity integer,
    p_price numeric,
    p_max_tickets_per_booking integer,
    p_actor_id bigint
)
RETURNS bigint
LANGUAGE sql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    SELECT (create_event(
        jsonb_build_object(
            'title', p_title,
            'description', p_description,
            'venue', p_venue,
            'date_time', p_date_time,
            'time_zone', p_time_zone,
            'capacity', p_capacity,
            'price', p_price,
            'max_tickets_per_booking', p_max_tickets_per_booking
        ),
        p_actor_id
    )).id;
$$;
COMMENT ON FUNCTION create_event(
    text, text, text, timestamptz, text, integer, numeric, integer, bigint
) IS
    'Creates an event, for API processes of the first release: see create_event(jsonb, bigint).';

CREATE FUNCTION update_event(
    p_event_id bigint,
    p_title text,
    p_description text,
    p_venue text,
    p_date_time timestamptz,
    p_time_zone text,
    p_capacity integer,
    p_price numeric,
    p_max_tickets_per_booking integer,
    p_status event_status,
    p_expected_version integer,
    p_actor_id bigint
)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
BEGIN
    PERFORM update_event(
        p_event_id,
        jsonb_build_object(
            'title', p_title,
            'description', p_description,
            'venue', p_venue,
            'date_time', p_date_time,
            'time_zone', p_time_zone,
            'capacity', p_capacity,
            'price', p_price,
            'max_tickets_per_booking', p_max_tickets_per_booking,
            'status', p_status
        ),
        p_expected_version,
        p_actor_id
    );
END;
$$;
COMMENT ON FUNCTION update_event(
    bigint, text, text, text, timestamptz, text, integer, numeric, integer, event_status, integer,
    bigint
) IS
    'Edits an event, for API processes of the first release: see the form with jsonb.';

CREATE FUNCTION create_user(
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

-- write_notices: which customers are told of which facts. Who is told follows from the ledger at
-- the time of the fact, so it does not matter how much later this runs: a guest who booked after a
-- change knew it already.

CREATE FUNCTION tells_guests(p_fact facts)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN p_fact.type = 'event.cancelled' OR (
    p_fact.type = 'event.changed'
    AND p_fact.data -> 'became' ?| ARRAY[
        'date_time', 'time_zone', 'local_date_time', 'venue', 'address', 'doors_open', 'end_time',
        'minimum_age', 'access_note'
    ]
);
COMMENT ON FUNCTION tells_guests IS
    'Whether all guests of the event are told of this fact: it was cancelled, or something that a '
    'guest must know was changed.';

CREATE FUNCTION guests_at(
    p_event_id bigint,
    p_at timestamptz
)
RETURNS SETOF bigint
LANGUAGE sql
STABLE
SET search_path = public, pg_temp
BEGIN ATOMIC
    SELECT DISTINCT user_id
    FROM bookings
    WHERE event_id = p_event_id
        AND booking_date <= p_at
        AND (
            status = 'confirmed'
            OR cancelled_at > p_at
            -- Cancelled with the event, which writes no line for each booking.
            OR NOT EXISTS (
                SELECT
                FROM activity
                WHERE activity.booking_id = bookings.id
                    AND action = 'booking-cancelled'
            )
        );
END;
COMMENT ON FUNCTION guests_at IS
    'The customers who held tickets of an event at that time, or until it was cancelled.';

CREATE FUNCTION tell_customers(p_notices notices[])
RETURNS bigint
LANGUAGE sql
VOLATILE
SET search_path = public, pg_temp
AS $$
    -- The customers are locked, so that nobody is erased between this look at the row and the
    -- notices about it. They are read by their key each time: joining the results of two steps
    -- compares each row with each, because no plan knows how many there are.
    WITH wanted AS (
        SELECT notice.*
        FROM unnest(p_notices) AS notice
        JOIN users ON users.id = notice.user_id AND users.erased_at IS NULL
        -- A notice that is read from the beginning is only there to be sent.
        WHERE notice.read_at IS NULL
            OR users.email_verified_at IS NOT NULL
            OR EXISTS (
                SELECT FROM webhook_endpoints WHERE 'customer.notice' = ANY (types)
            )
        ORDER BY users.id
        FOR KEY SHARE OF users
    ),
    told AS (
        INSERT INTO notices (user_id, kind, event_id, booking_id, matter, detail, at, read_at)
        SELECT user_id, kind, event_id, booking_id, matter, detail, at, read_at
        FROM wanted
        ORDER BY at
        ON CONFLICT DO NOTHING
        RETURNING notices.*
    ),
    mailed AS (
        INSERT INTO mails (user_id, address, purpose, notice_id)
        SELECT told.user_id, users.email, 'notice', told.id
        FROM told
        JOIN users ON users.id = told.user_id
        WHERE users.email_verified_at IS NOT NULL
            AND (users.optional_mail OR told.kind NOT IN ('event-message', 'event-reminder'))
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
                    'phone', users.phone,
                    'text', notice_text(told)
                )
            )::text
        FROM told
        -- A number that is somebody else's now gets no messages for the user who had it.
        JOIN users ON users.id = told.user_id AND users.phone_lost_at IS NULL
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

CREATE FUNCTION write_notices(p_facts facts[])
RETURNS void
LANGUAGE sql
VOLATILE
SET search_path = public, pg_temp
AS $$
    SELECT tell_customers(
        ARRAY(
            SELECT
                ROW(
                    NULL,
                    fact.user_id,
                    replace(fact.type, '.', '-'),
                    fact.event_id,
                    fact.booking_id,
                    fact.source || '/' || fact.id,
                    fact.data,
                    fact.at,
                    -- What customers did themselves is no news to them in the app.
                    CASE
                        WHEN fact.user_id IN (
                            (fact.data ->> 'booked_by')::bigint, (fact.data ->> 'actor_id')::bigint
                        ) THEN fact.at
                    END
                )::notices
            FROM unnest(p_facts) AS fact
            WHERE fact.type IN ('booking.confirmed', 'booking.cancelled')
            UNION ALL
            SELECT
                ROW(
                    NULL,
                    guest.user_id,
                    replace(fact.type, '.', '-'),
                    fact.event_id,
                    NULL,
                    fact.source || '/' || fact.id,
                    fact.data,
                    fact.at,
                    NULL
                )::notices
            FROM unnest(p_facts) AS fact
            CROSS JOIN LATERAL guests_at(fact.event_id, fact.at) AS guest (user_id)
            WHERE tells_guests(fact)
        )
    );
$$;
COMMENT ON FUNCTION write_notices IS
    'For fan_out_facts: tells customers of their bookings, and guests of a cancelled event or of '
    'a change that they must know.';

-- An event may say from when until when customers can book it. Admins sell before and after, and at
-- the door until it closes. Cancelling does not depend on the sale times.
-- depends: 0112_create_webhooks_once

-- The API process of the earlier release calls the function that is made again, with fewer columns.
-- squawk-ignore-file ban-drop-function

-- A reader of the view locks the view first and then the table: see README.md, Locks.
LOCK TABLE event_details IN ACCESS EXCLUSIVE MODE;

ALTER TABLE events
    ADD COLUMN sale_starts_at timestamptz(0),
    ADD COLUMN sale_ends_at timestamptz(0),
    ADD CONSTRAINT events_sale_ends_after_it_starts CHECK (sale_ends_at > sale_starts_at) NOT VALID,
    ADD CONSTRAINT events_sale_starts_before_event CHECK (sale_starts_at < date_time) NOT VALID,
    ADD CONSTRAINT events_sale_ends_before_event CHECK (sale_ends_at <= date_time) NOT VALID,
    ADD CONSTRAINT events_sale_times_after_1999 CHECK (
        sale_starts_at >= timestamptz '2000-01-01 00:00:00+00'
        AND sale_ends_at >= timestamptz '2000-01-01 00:00:00+00'
    ) NOT VALID;
COMMENT ON COLUMN events.sale_starts_at IS
    'From when on customers can book it, in whole seconds. NULL: as soon as it is published. '
    'Admins may sell earlier.';
COMMENT ON COLUMN events.sale_ends_at IS
    'Until when customers can book it, in whole seconds. NULL: until it starts. Admins may sell '
    'later.';

CREATE OR REPLACE FUNCTION editable_fields(p_event events)
RETURNS jsonb
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN jsonb_build_object(
    'title', p_event.title,
    'description', p_event.description,
    'venue', p_event.venue,
    -- In UTC, so that it does not depend on the session's time zone.
    'date_time', to_char(timezone('UTC', p_event.date_time), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'time_zone', p_event.time_zone,
    'local_date_time', to_char(p_event.local_date_time, 'YYYY-MM-DD"T"HH24:MI:SS'),
    'capacity', p_event.capacity,
    -- With at least two decimals, because 12.5 is no other price than 12.50.
    'price', round(p_event.price, greatest(min_scale(p_event.price), 2))::text,
    'max_tickets_per_booking', p_event.max_tickets_per_booking,
    'status', p_event.status,
    'doors_open', to_char(p_event.doors_open, 'HH24:MI'),
    'payment_note', p_event.payment_note,
    'cancellation_reason', p_event.cancellation_reason,
    'end_time', to_char(p_event.end_time, 'HH24:MI'),
    'address', p_event.address,
    'minimum_age', p_event.minimum_age,
    'access_note', p_event.access_note,
    'organiser_contact', p_event.organiser_contact,
    'poster_seed', p_event.poster_seed,
    'category', p_event.category,
    'sale_starts_at',
    to_char(timezone('UTC', p_event.sale_starts_at), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'sale_ends_at', to_char(timezone('UTC', p_event.sale_ends_at), 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
);

CREATE OR REPLACE TRIGGER events_raise_version
BEFORE UPDATE OF
    title, description, venue, date_time, time_zone, local_date_time, capacity, price,
    max_tickets_per_booking, status, doors_open, payment_note, cancellation_reason, end_time,
    address, minimum_age, access_note, organiser_contact, poster_seed, category, sale_starts_at,
    sale_ends_at
ON events
FOR EACH ROW EXECUTE FUNCTION raise_event_version();

CREATE OR REPLACE FUNCTION bookable(p_event events)
RETURNS boolean
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN p_event.status = 'active' AND p_event.date_time > now();
COMMENT ON FUNCTION bookable IS
    'Active and not yet started, whatever its sale times are. A sold-out event stays bookable, '
    'because a customer may cancel.';

CREATE OR REPLACE FUNCTION door_closes_at(p_event events)
RETURNS timestamptz
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN p_event.date_time + interval '12 hours';
COMMENT ON FUNCTION door_closes_at IS
    'When the door of an event closes: 12 hours after its start, which may be moved. Door passes '
    'end then, and so does the sale at the door.';

CREATE FUNCTION closed_reason(
    p_event events,
    p_to_box_office boolean,
    p_at timestamptz
)
RETURNS text
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN CASE
    WHEN p_event.status <> 'active' THEN p_event.status::text
    WHEN p_to_box_office THEN
        CASE WHEN p_at >= door_closes_at(p_event) THEN 'started' END
    WHEN p_at >= p_event.date_time THEN 'started'
    WHEN p_at < p_event.sale_starts_at THEN 'not-yet-on-sale'
    WHEN p_at >= p_event.sale_ends_at THEN 'sale-ended'
END;
COMMENT ON FUNCTION closed_reason IS
    'Why an event cannot be booked at a time: draft, cancelled, completed, started, and for '
    'customers also not-yet-on-sale or sale-ended. NULL: it can. Admins at the box office sell '
    'before and after the sale times, and at the door until it closes.';

CREATE FUNCTION open_to_customers(p_event events)
RETURNS boolean
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN closed_reason(p_event, false, now()) IS NULL;
COMMENT ON FUNCTION open_to_customers IS
    'Whether customers can book the event now: it is bookable, and within its sale times.';

CREATE FUNCTION open_to_box_office(p_event events)
RETURNS boolean
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN closed_reason(p_event, true, now()) IS NULL;
COMMENT ON FUNCTION open_to_box_office IS
    'Whether admins can sell tickets of the event now: it is active, and its door has not closed.';

GRANT EXECUTE ON FUNCTION closed_reason, open_to_customers, open_to_box_office TO PUBLIC;

CREATE OR REPLACE VIEW event_details AS
SELECT
    id AS event_id,
    title,
    description,
    venue,
    date_time,
    time_zone,
    local_date_time,
    capacity,
    price,
    max_tickets_per_booking,
    status,
    events.bookable,
    events.tickets_available,
    version,
    created_at,
    updated_at,
    bookings_count AS bookings,
    tickets_sold,
    trunc(100.0 * tickets_sold / capacity, 1) AS percent_sold,
    tickets_checked_in,
    CASE WHEN date_time <= now() THEN tickets_sold - tickets_checked_in END AS no_shows,
    revenue,
    doors_open,
    payment_note,
    cancellation_reason,
    end_time,
    address,
    minimum_age,
    access_note,
    organiser_contact,
    poster_seed,
    category,
    sale_starts_at,
    sale_ends_at,
    events.open_to_customers,
    closed_reason(events, false, now()) AS closed_reason,
    events.open_to_box_office
FROM events;

COMMENT ON VIEW event_details IS
    'Every event with what can still be bought and how it sells. The figures count confirmed '
    'bookings.';
COMMENT ON COLUMN event_details.local_date_time IS
    'The time on the venue''s clock when it starts.';
COMMENT ON COLUMN event_details.doors_open IS
    'When the doors open, on the venue''s clock. NULL: nothing is announced.';
COMMENT ON COLUMN event_details.payment_note IS
    'How and where its tickets are paid. NULL: the note of the installation applies.';
COMMENT ON COLUMN event_details.cancellation_reason IS
    'Why it was cancelled. NULL: no reason is given, or it is not cancelled.';
COMMENT ON COLUMN event_details.end_time IS
    'When it ends, on the venue''s clock: the first such time after its start. NULL: nothing is '
    'announced.';
COMMENT ON COLUMN event_details.address IS
    'Where the venue is. NULL: its name is enough.';
COMMENT ON COLUMN event_details.minimum_age IS
    'How old a guest must be, in years. NULL: it is for every age.';
COMMENT ON COLUMN event_details.access_note IS
    'How people with disabilities get in and around. NULL: nothing is said.';
COMMENT ON COLUMN event_details.organiser_contact IS
    'Whom guests may ask. NULL: nobody is named.';
COMMENT ON COLUMN event_details.poster_seed IS
    'What its poster is drawn from.';
COMMENT ON COLUMN event_details.category IS
    'What kind of event it is. NULL: it is in no category.';
COMMENT ON COLUMN event_details.sale_starts_at IS
    'From when on customers can book it. NULL: as soon as it is published.';
COMMENT ON COLUMN event_details.sale_ends_at IS
    'Until when customers can book it. NULL: until it starts.';
COMMENT ON COLUMN event_details.open_to_customers IS
    'Whether customers can book it now: it is bookable, and within its sale times.';
COMMENT ON COLUMN event_details.closed_reason IS
    'Why customers cannot book it now: draft, cancelled, completed, started, not-yet-on-sale or '
    'sale-ended. NULL: they can.';
COMMENT ON COLUMN event_details.open_to_box_office IS
    'Whether admins can sell its tickets now: it is active, and its door has not closed.';
COMMENT ON COLUMN event_details.bookable IS
    'Active and not yet started, whatever its sale times are. A sold-out event stays bookable, '
    'because a customer may cancel.';
COMMENT ON COLUMN event_details.tickets_available IS
    'How many tickets can still be sold; 0 is sold out.';
COMMENT ON COLUMN event_details.bookings IS 'Confirmed bookings.';
COMMENT ON COLUMN event_details.tickets_sold IS 'Tickets of confirmed bookings.';
COMMENT ON COLUMN event_details.percent_sold IS 'Rounded down: 100.0 is sold out.';
COMMENT ON COLUMN event_details.tickets_checked_in IS 'Used tickets of confirmed bookings.';
COMMENT ON COLUMN event_details.no_shows IS
    'Tickets sold and not used, once the event has started. NULL: it has not.';
COMMENT ON COLUMN event_details.revenue IS 'Total amount of confirmed bookings.';

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
            events.sale_starts_at,
            closed.reason AS closed_reason,
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
        CROSS JOIN (
            -- Before the locks are held, the answer is about the time of the call; then about the
            -- time that the bookings will have. OFFSET: it is read once, not for each request.
            SELECT CASE
                WHEN p_pending IS NULL THEN statement_timestamp()
                ELSE coalesce(
                    nullif(current_setting('marquee.booking_date', true), '')::timestamptz,
                    statement_timestamp()
                )
            END AS at
            OFFSET 0
        ) AS clock
        LEFT JOIN bookings AS earlier
            ON earlier.user_id = request.user_id
            AND earlier.idempotency_key = request.idempotency_key
        LEFT JOIN users AS customer ON customer.id = request.user_id
        LEFT JOIN users AS booker ON booker.id = request.booked_by
        LEFT JOIN events ON events.id = request.event_id
        CROSS JOIN LATERAL (
            SELECT closed_reason(events, booker.role = 'admin', clock.at) AS reason
        ) AS closed
        CROSS JOIN LATERAL (
            SELECT CASE
                WHEN char_length(request.idempotency_key) NOT BETWEEN 1 AND 64
                    OR request.idempotency_key ~ '[^!-~]' THEN '23514'
                WHEN customer.id IS NULL OR booker.id IS NULL THEN 'TK008'
                WHEN coalesce(customer.erased_at, booker.erased_at) IS NOT NULL THEN 'TK053'
                WHEN events.id IS NULL OR events.status = 'draft' THEN 'TK002'
                WHEN closed.reason IS NOT NULL THEN 'TK003'
                WHEN coalesce(request.quantity, 0)
                    NOT BETWEEN 1 AND events.max_tickets_per_booking THEN 'TK004'
                WHEN request.expected_total <> events.price * request.quantity THEN 'TK016'
            END AS code
        ) AS refusal
    ) AS decided
    ORDER BY no;
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

COMMENT ON FUNCTION book_tickets(bigint, bigint, integer, text, bigint, numeric) IS
    'Books tickets: checks and writes in one call, and returns the booking and its ticket codes, '
    'or raises TK001 to TK004, TK007, TK008, TK016 or TK053, or 23514 for a malformed key. A call '
    'with the same customer and key returns the booking as it is now. p_booked_by: the user who '
    'books, by default the customer; an admin may book outside the sale times. p_expected_total: '
    'the request is refused when price times quantity is another amount.';

CREATE FUNCTION with_sale_times(
    p_event events,
    p_fields jsonb
)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_new constant events := jsonb_populate_record(p_event, p_fields);
    v_later constant interval := v_new.date_time - p_event.date_time;
    v_fields jsonb := p_fields;
    v_ends_at timestamptz := v_new.sale_ends_at;
BEGIN
    IF v_later = interval '0' THEN
        RETURN p_fields;
    END IF;
    IF NOT p_fields ? 'sale_ends_at' AND p_event.sale_ends_at IS NOT NULL THEN
        v_ends_at := p_event.sale_ends_at + v_later;
        v_fields := v_fields || jsonb_build_object('sale_ends_at', v_ends_at);
    END IF;
    IF NOT p_fields ? 'sale_starts_at'
        AND p_event.sale_starts_at >= coalesce(v_ends_at, v_new.date_time)
    THEN
        v_fields := v_fields
            || jsonb_build_object('sale_starts_at', p_event.sale_starts_at + v_later);
    END IF;
    RETURN v_fields;
END;
$$;
COMMENT ON FUNCTION with_sale_times IS
    'The fields of an edit, and the sale times that follow from them when the event is moved and '
    'the edit does not name them. The end of the sale moves with the event. Its start stays as it '
    'was announced, unless it would come after the end: then it moves as well.';

CREATE OR REPLACE FUNCTION update_event(
    p_event_id bigint,
    p_fields jsonb,
    p_expected_version integer,
    p_actor_id bigint
)
RETURNS events
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_was events;
    v_fields jsonb;
    v_columns text;
    v_new events;
BEGIN
    PERFORM require_admin(p_actor_id);
    PERFORM require_editable_fields(p_fields);
    SELECT events.* INTO v_was FROM events WHERE id = p_event_id FOR NO KEY UPDATE;
    IF v_was.id IS NULL THEN
        PERFORM raise_problem('TK002');
    ELSIF v_was.version <> p_expected_version THEN
        PERFORM raise_problem('TK018', jsonb_build_object('version', v_was.version));
    END IF;

    v_fields := with_sale_times(v_was, p_fields);
    v_columns := (
        SELECT string_agg(quote_ident(key), ', ') FROM jsonb_object_keys(v_fields) AS key
    );
    v_new := jsonb_populate_record(v_was, v_fields);
    IF editable_fields(v_new) = editable_fields(v_was) THEN
        PERFORM wait_for_standby_at_commit();
        RETURN v_was;
    ELSIF v_was.status IN ('cancelled', 'completed')
        OR (v_was.status, v_new.status) IN (('active', 'draft'), ('draft', 'completed'))
    THEN
        PERFORM raise_problem('TK013', jsonb_build_object('event_status', v_was.status));
    ELSIF v_new.capacity < v_was.tickets_sold THEN
        PERFORM raise_problem('TK014', jsonb_build_object('tickets_sold', v_was.tickets_sold));
    ELSIF v_new.date_time <= now()
        AND (
            v_new.date_time <> v_was.date_time
            OR (v_was.status, v_new.status) = ('draft', 'active')
        )
    THEN
        PERFORM raise_problem('TK015');
    END IF;
    PERFORM act_as(p_actor_id);
    PERFORM set_config('marquee.local_date_time_given', (p_fields ? 'local_date_time')::text, true);
    EXECUTE format('UPDATE events SET (%1$s) = (SELECT %1$s FROM (SELECT $1.*) AS new)', v_columns)
        || ' WHERE id = $2'
        USING v_new, p_event_id;
    PERFORM act_as(NULL);
    PERFORM set_config('marquee.local_date_time_given', '', true);
    -- Read again: cancelling has changed the counters as well.
    SELECT events.* INTO v_new FROM events WHERE id = p_event_id;
    RETURN v_new;
END;
$$;
COMMENT ON FUNCTION update_event(bigint, jsonb, integer, bigint) IS
    'Edits an event and returns it. p_fields: by name of column as in editable_fields(). A field '
    'that is missing stays as it is, except local_date_time, which then follows date_time and '
    'time_zone by the rules that the database has, and the sale times of an event that is moved: '
    'see with_sale_times(). p_expected_version: the edit is refused (TK018) when the event has '
    'another version; NULL: any version is accepted. Raises TK002 when the event is unknown, TK013 '
    'when it is cancelled or completed, and when the new status may not follow the present one, '
    'TK014 when the capacity would be below the tickets sold, TK015 when the event would move into '
    'the past, or be published after its start, TK020 when the actor is not an admin. Status active '
    'publishes a draft. Status cancelled cancels its bookings and unused tickets. A new price '
    'changes no existing booking. An edit that changes nothing does not raise the version.';

CREATE OR REPLACE FUNCTION copy_event(
    p_event_id bigint,
    p_dates event_start[],
    p_actor_id bigint
)
RETURNS SETOF events
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_event events;
    v_date event_start;
    v_later interval;
BEGIN
    PERFORM require_admin(p_actor_id);
    SELECT events.* INTO v_event FROM events WHERE id = p_event_id;
    IF v_event.id IS NULL THEN
        PERFORM raise_problem('TK002');
    END IF;
    FOREACH v_date IN ARRAY p_dates LOOP
        v_date.local_date_time := coalesce(
            v_date.local_date_time,
            timezone(usable_time_zone(v_event.time_zone, utc_offset(v_event)), v_date.date_time)
        );
        -- On the clock, and not in elapsed time: a night on which the clocks change is no longer.
        v_later := v_date.local_date_time::time - v_event.local_date_time::time;
        RETURN NEXT create_event(
            editable_fields(v_event) - 'cancellation_reason' || jsonb_build_object(
                'status', 'draft',
                'date_time', v_date.date_time,
                'local_date_time', v_date.local_date_time,
                'doors_open', v_event.doors_open + v_later,
                'end_time', v_event.end_time + v_later,
                'sale_starts_at', v_event.sale_starts_at + (v_date.date_time - v_event.date_time),
                'sale_ends_at', v_event.sale_ends_at + (v_date.date_time - v_event.date_time)
            ),
            p_actor_id
        );
    END LOOP;
END;
$$;
COMMENT ON FUNCTION copy_event IS
    'Copies an event of any status to these dates and returns the copies, in the order of the '
    'dates. They are drafts with the fields of the event. Doors, end and sale times are as far '
    'from the start as those of the event. Raises TK002 when the event is unknown, and what '
    'create_event() raises.';

-- It returns two more columns.
DROP FUNCTION preview_event_update(bigint, jsonb);
CREATE FUNCTION preview_event_update(
    p_event_id bigint,
    p_fields jsonb
)
RETURNS TABLE (
    people bigint,
    bookings integer,
    tickets integer,
    text text,
    cancellable_until timestamptz,
    sale_starts_at timestamptz,
    sale_ends_at timestamptz
)
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_was events;
    v_new events;
    v_fact facts;
    v_notice notices;
BEGIN
    PERFORM require_editable_fields(p_fields);
    SELECT events.* INTO v_was FROM events WHERE id = p_event_id;
    IF v_was.id IS NULL THEN
        PERFORM raise_problem('TK002');
    END IF;
    v_new := jsonb_populate_record(v_was, with_sale_times(v_was, p_fields));
    IF NOT p_fields ? 'local_date_time' AND p_fields ?| ARRAY['date_time', 'time_zone'] THEN
        v_new.local_date_time := timezone(
            usable_time_zone(v_new.time_zone, utc_offset(v_was)), v_new.date_time
        );
    END IF;
    IF v_new.date_time <> v_was.date_time AND v_new.date_time <= now() THEN
        PERFORM raise_problem('TK015');
    END IF;
    v_fact.type := 'event.changed';
    SELECT
        jsonb_build_object(
            'was', coalesce(jsonb_object_agg(key, editable_fields(v_was) -> key), '{}'),
            'became', coalesce(jsonb_object_agg(key, became), '{}')
        )
    INTO v_fact.data
    FROM jsonb_each(editable_fields(v_new)) AS field (key, became)
    WHERE became <> editable_fields(v_was) -> key;
    IF NOT tells_guests(v_fact) THEN
        RETURN QUERY
        SELECT
            0::bigint,
            0,
            0,
            NULL::text,
            NULL::timestamptz,
            v_new.sale_starts_at::timestamptz,
            v_new.sale_ends_at::timestamptz;
        RETURN;
    END IF;
    v_notice.kind := 'event-changed';
    v_notice.event_id := p_event_id;
    v_notice.detail := v_fact.data;
    RETURN QUERY
    SELECT
        count(*),
        v_was.bookings_count,
        v_was.tickets_sold,
        notice_text(v_notice),
        v_new.date_time::timestamptz,
        v_new.sale_starts_at::timestamptz,
        v_new.sale_ends_at::timestamptz
    FROM guests_at(p_event_id, clock_timestamp());
END;
$$;
COMMENT ON FUNCTION preview_event_update IS
    'How many people with how many bookings and tickets are told if these fields are saved now, in '
    'which words, and until when they can cancel: until the event begins. Nobody and NULL: guests '
    'are not told of such a change. sale_starts_at and sale_ends_at: as they will be. Raises TK002 '
    'when the event is unknown, TK015 when it would move into the past.';

GRANT EXECUTE ON FUNCTION preview_event_update TO ticketing_api;

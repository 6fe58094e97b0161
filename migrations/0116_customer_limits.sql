-- An event may limit how many tickets one customer has. The triggers of bookings keep the limit no
-- matter who writes, and a booking says if the box office was allowed to exceed it.
-- depends: 0115_index_customer_tickets

-- A reader of a view locks the view first and then its tables: see README.md, Locks.
LOCK TABLE event_details, booking_details IN ACCESS EXCLUSIVE MODE;

ALTER TABLE events
    ADD COLUMN max_tickets_per_customer integer,
    ADD CONSTRAINT events_max_tickets_per_customer_in_range CHECK (
        max_tickets_per_customer BETWEEN 1 AND 10000
    ) NOT VALID;
COMMENT ON COLUMN events.max_tickets_per_customer IS
    'How many tickets of confirmed bookings one customer may have. NULL: any number. A lower limit '
    'changes no existing booking. The box office may exceed it by saying so: see '
    'bookings.beyond_customer_limit.';

ALTER TABLE bookings ADD COLUMN beyond_customer_limit boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN bookings.beyond_customer_limit IS
    'Whether the box office said that this booking may exceed events.max_tickets_per_customer. Its '
    'tickets count, so that the customer cannot book more by themselves.';

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
    'sale_ends_at', to_char(timezone('UTC', p_event.sale_ends_at), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'max_tickets_per_customer', p_event.max_tickets_per_customer
);

CREATE OR REPLACE TRIGGER events_raise_version
BEFORE UPDATE OF
    title, description, venue, date_time, time_zone, local_date_time, capacity, price,
    max_tickets_per_booking, status, doors_open, payment_note, cancellation_reason, end_time,
    address, minimum_age, access_note, organiser_contact, poster_seed, category, sale_starts_at,
    sale_ends_at, max_tickets_per_customer
ON events
FOR EACH ROW EXECUTE FUNCTION raise_event_version();

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
    events.open_to_box_office,
    max_tickets_per_customer
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
COMMENT ON COLUMN event_details.max_tickets_per_customer IS
    'How many tickets one customer may have. NULL: any number.';
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

CREATE OR REPLACE VIEW booking_details AS
SELECT
    bookings.id AS booking_id,
    bookings.booking_date,
    bookings.status,
    bookings.cancelled_at,
    bookings.event_id,
    events.title AS event_title,
    events.venue AS event_venue,
    events.date_time AS event_date_time,
    events.time_zone AS event_time_zone,
    events.status AS event_status,
    bookings.user_id,
    customer.name AS customer_name,
    mask_phone(customer.phone) AS customer_phone,
    bookings.quantity,
    bookings.unit_price,
    bookings.total_amount,
    bookings.tickets_checked_in,
    bookings.booked_by,
    booker.name AS booked_by_name,
    bookings.booked_by <> bookings.user_id AS box_office,
    bookings.beyond_customer_limit
FROM bookings
-- LEFT: a query that names no column of a joined table does not read it.
LEFT JOIN events ON events.id = bookings.event_id
LEFT JOIN users AS customer ON customer.id = bookings.user_id
LEFT JOIN users AS booker ON booker.id = bookings.booked_by;

COMMENT ON VIEW booking_details IS
    'Who bought what: every booking with its event and customer. Phone numbers are masked.';
COMMENT ON COLUMN booking_details.cancelled_at IS 'NULL: the booking is confirmed.';
COMMENT ON COLUMN booking_details.customer_phone IS 'Masked.';
COMMENT ON COLUMN booking_details.box_office IS 'True when another user booked for the customer.';
COMMENT ON COLUMN booking_details.beyond_customer_limit IS
    'Whether the box office said that it may exceed the limit of a customer.';

CREATE FUNCTION tickets_owned(
    p_event_id bigint,
    p_user_id bigint
)
RETURNS integer
LANGUAGE sql
STABLE
BEGIN ATOMIC
    SELECT coalesce(sum(quantity), 0)::integer
    FROM bookings
    WHERE event_id = p_event_id
        AND user_id = p_user_id
        AND status = 'confirmed';
END;
COMMENT ON FUNCTION tickets_owned IS
    'How many tickets of an event a customer has: those of confirmed bookings, whoever booked '
    'them.';

GRANT EXECUTE ON FUNCTION tickets_owned TO PUBLIC;

CREATE FUNCTION refuse_beyond_customer_limit(
    p_user_id bigint,
    p_event_id bigint,
    p_limit integer,
    p_tickets bigint
)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'user % would have % tickets of event %: a customer may have %',
        p_user_id, p_tickets, p_event_id, p_limit
        USING ERRCODE = 'check_violation',
            CONSTRAINT = 'bookings_within_customer_limit',
            TABLE = 'bookings',
            HINT = 'The box office may exceed the limit: set beyond_customer_limit.';
END;
$$;
COMMENT ON FUNCTION refuse_beyond_customer_limit IS
    'For the triggers of bookings: refuses a booking that exceeds the limit of a customer.';

CREATE FUNCTION keep_customer_limit()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_limit integer;
    v_tickets bigint;
BEGIN
    SELECT max_tickets_per_customer
    INTO v_limit
    FROM events
    WHERE id = NEW.event_id
    FOR NO KEY UPDATE;
    IF v_limit IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT sum(quantity)
    INTO v_tickets
    FROM bookings
    WHERE event_id = NEW.event_id
        AND user_id = NEW.user_id
        AND status = 'confirmed'
        AND NOT beyond_customer_limit;
    IF v_tickets > v_limit THEN
        PERFORM refuse_beyond_customer_limit(NEW.user_id, NEW.event_id, v_limit, v_tickets);
    END IF;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION keep_customer_limit IS
    'Trigger: refuses a change of a booking with which a customer would have more tickets than the '
    'event allows, also in a repair.';

CREATE TRIGGER bookings_within_customer_limit
AFTER UPDATE OF user_id, event_id, quantity, status, beyond_customer_limit ON bookings
FOR EACH ROW
WHEN (
    NEW.status = 'confirmed'
    AND NOT NEW.beyond_customer_limit
    AND (
        (NEW.user_id, NEW.event_id) IS DISTINCT FROM (OLD.user_id, OLD.event_id)
        OR NEW.quantity > OLD.quantity
        OR OLD.status <> 'confirmed'
        OR OLD.beyond_customer_limit
    )
)
EXECUTE FUNCTION keep_customer_limit();
COMMENT ON TRIGGER bookings_within_customer_limit ON bookings IS
    'A repair does not give a customer more tickets than the event allows, unless the booking says '
    'that it may.';

CREATE OR REPLACE TRIGGER bookings_sale_is_never_rewritten
BEFORE UPDATE OF
    id, user_id, event_id, quantity, unit_price, total_amount, booking_date, booked_by,
    idempotency_key, written_in, beyond_customer_limit
ON bookings
FOR EACH ROW
WHEN (
    (
        NEW.id, NEW.user_id, NEW.event_id, NEW.quantity, NEW.unit_price, NEW.total_amount,
        NEW.booking_date, NEW.booked_by, NEW.idempotency_key, NEW.written_in,
        NEW.beyond_customer_limit
    ) IS DISTINCT FROM (
        OLD.id, OLD.user_id, OLD.event_id, OLD.quantity, OLD.unit_price, OLD.total_amount,
        OLD.booking_date, OLD.booked_by, OLD.idempotency_key, OLD.written_in,
        OLD.beyond_customer_limit
    )
)
EXECUTE FUNCTION refuse_change_unless_repairing(
    'a sale is never rewritten: cancel the booking and book again'
);

CREATE OR REPLACE FUNCTION complete_inserted_bookings()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_refused record;
BEGIN
    IF (SELECT count(DISTINCT event_id) FROM new_rows) > 1 THEN
        PERFORM FROM events
        WHERE id IN (SELECT event_id FROM new_rows WHERE status = 'confirmed')
        ORDER BY id
        FOR NO KEY UPDATE;
    END IF;
    WITH counted AS (
        UPDATE events
        SET bookings_count = events.bookings_count + change.bookings,
            tickets_sold = events.tickets_sold + change.tickets,
            revenue = events.revenue + change.revenue,
            counted_at = next_moment(events)
        FROM (
            SELECT
                event_id,
                count(*) AS bookings,
                sum(quantity) AS tickets,
                sum(total_amount) AS revenue
            FROM new_rows
            WHERE status = 'confirmed'
            GROUP BY event_id
        ) AS change
        WHERE events.id = change.event_id
        RETURNING events.*
    ),
    recorded AS (
        INSERT INTO event_figures
        SELECT id, counted_at, bookings_count, tickets_sold, revenue, tickets_checked_in
        FROM counted
    )
    SELECT
        min(id) FILTER (WHERE status IN ('draft', 'cancelled')) AS id,
        (array_agg(status ORDER BY id) FILTER (WHERE status IN ('draft', 'cancelled')))[1]
            AS status,
        array_agg(id) FILTER (WHERE max_tickets_per_customer IS NOT NULL) AS limited
    INTO v_refused
    FROM counted;
    IF v_refused.id IS NOT NULL THEN
        RAISE EXCEPTION 'event % is %: it cannot be booked',
            v_refused.id,
            CASE v_refused.status WHEN 'draft' THEN 'a draft' ELSE 'cancelled' END
            USING ERRCODE = 'restrict_violation';
    END IF;

    -- The events are locked, so what is read from here on is final. Of the bookings that this
    -- statement inserts, each counts with those before it.
    IF v_refused.limited IS NOT NULL THEN
        SELECT written.*, events.max_tickets_per_customer, owned.tickets - written.later AS tickets
        INTO v_refused
        FROM (
            SELECT
                id,
                event_id,
                user_id,
                beyond_customer_limit,
                coalesce(
                    sum(quantity) OVER (
                        PARTITION BY event_id, user_id
                        ORDER BY id
                        ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
                    ),
                    0
                ) AS later
            FROM new_rows
            WHERE status = 'confirmed'
                AND event_id = ANY (v_refused.limited)
        ) AS written
        JOIN events ON events.id = written.event_id
        CROSS JOIN LATERAL (
            SELECT sum(quantity) AS tickets
            FROM bookings
            WHERE bookings.event_id = written.event_id
                AND bookings.user_id = written.user_id
                AND bookings.status = 'confirmed'
        ) AS owned
        WHERE NOT written.beyond_customer_limit
            AND owned.tickets - written.later > events.max_tickets_per_customer
        ORDER BY written.id
        LIMIT 1;
        IF FOUND THEN
            PERFORM refuse_beyond_customer_limit(
                v_refused.user_id,
                v_refused.event_id,
                v_refused.max_tickets_per_customer,
                v_refused.tickets
            );
        END IF;
    END IF;

    INSERT INTO tickets (booking_id, ticket_code, status)
    SELECT
        id,
        new_ticket_code(event_id),
        CASE status WHEN 'confirmed' THEN 'active'::ticket_status ELSE 'cancelled' END
    FROM new_rows, generate_series(1, quantity);
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION complete_inserted_bookings IS
    'Trigger: adds new confirmed bookings to the counters and the history of their events, and '
    'writes the tickets of all new bookings. Refuses bookings of a draft or a cancelled event, and '
    'bookings with which a customer would have more tickets than the event allows.';

ALTER TYPE booking_decision
    ADD ATTRIBUTE customer_no integer,
    ADD ATTRIBUTE owned integer,
    ADD ATTRIBUTE customer_limit integer;
COMMENT ON COLUMN booking_decision.event_no IS
    'The first pending request for the same event.';
COMMENT ON COLUMN booking_decision.customer_no IS
    'The first pending request of the same customer for the same event.';
COMMENT ON COLUMN booking_decision.owned IS
    'How many tickets of the event the customer had before this round of decisions. NULL: nothing '
    'limits the customer.';
COMMENT ON COLUMN booking_decision.customer_limit IS
    'How many tickets of the event a customer may have. NULL: any number.';

CREATE OR REPLACE FUNCTION problem_name(p_code text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE p_code
    WHEN 'TK001' THEN 'sold-out'
    WHEN 'TK002' THEN 'event-not-found'
    WHEN 'TK003' THEN 'event-not-bookable'
    WHEN 'TK004' THEN 'quantity-not-allowed'
    WHEN 'TK005' THEN 'booking-not-found'
    WHEN 'TK006' THEN 'booking-not-cancellable'
    WHEN 'TK007' THEN 'idempotency-key-reused'
    WHEN 'TK008' THEN 'user-not-found'
    WHEN 'TK009' THEN 'ticket-not-found'
    WHEN 'TK010' THEN 'ticket-already-used'
    WHEN 'TK011' THEN 'ticket-cancelled'
    WHEN 'TK012' THEN 'ticket-for-another-event'
    WHEN 'TK013' THEN 'event-status-final'
    WHEN 'TK014' THEN 'capacity-below-sold'
    WHEN 'TK015' THEN 'date-time-in-past'
    WHEN 'TK016' THEN 'price-changed'
    WHEN 'TK017' THEN 'ticket-code-malformed'
    WHEN 'TK018' THEN 'edited-meanwhile'
    WHEN 'TK019' THEN 'too-many-attempts'
    WHEN 'TK020' THEN 'not-allowed'
    WHEN 'TK021' THEN 'webhook-not-found'
    WHEN 'TK022' THEN 'webhook-disabled'
    WHEN 'TK023' THEN 'customer-limit'
    WHEN 'TK030' THEN 'last-admin'
    WHEN 'TK051' THEN 'upcoming-bookings'
    WHEN 'TK053' THEN 'user-erased'
    WHEN '23514' THEN 'check-violation'
END;

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

CREATE OR REPLACE FUNCTION give_capacity(
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
    v_bought integer[] := v_taken;  -- by customer_no
    v_booked booking_decision[];  -- by first_no: the request of this key that gets a booking
    v_decision booking_decision;
    v_same booking_decision;
    v_left integer;
    v_owned integer;  -- NULL: nothing limits the customer
BEGIN
    FOR v_decision IN SELECT * FROM decide_booking_requests(p_requests, p_pending) LOOP
        v_same := v_booked[v_decision.first_no];
        IF v_same.booking_id IS NOT NULL THEN
            -- An earlier request of this batch has the same key and gets a booking. It answers this
            -- request as well, unless the event or the quantity differs: then this one is refused.
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
            v_owned := v_decision.owned + v_bought[v_decision.customer_no];
            IF v_owned + (v_decision.request).quantity > v_decision.customer_limit THEN
                v_decision.error_code := 'TK023';
                v_decision.error_detail := jsonb_build_object(
                    'limit', v_decision.customer_limit, 'owned', v_owned
                );
            ELSIF (v_decision.request).quantity > v_left THEN
                v_decision.error_code := 'TK001';
                v_decision.error_detail := jsonb_build_object('available', v_left);
            ELSE
                v_decision.booking_id := nextval('bookings_id_seq');
                v_taken[v_decision.event_no] :=
                    v_taken[v_decision.event_no] + (v_decision.request).quantity;
                v_bought[v_decision.customer_no] :=
                    v_bought[v_decision.customer_no] + (v_decision.request).quantity;
                v_booked[v_decision.first_no] := v_decision;
            END IF;
        END IF;
        RETURN NEXT v_decision;
    END LOOP;
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

COMMENT ON FUNCTION book_tickets(bigint, bigint, integer, text, bigint, numeric) IS
    'Books tickets: checks and writes in one call, and returns the booking and its ticket codes, '
    'or raises TK001 to TK004, TK007, TK008, TK016, TK023 or TK053, or 23514 for a malformed key. '
    'A call with the same customer and key returns the booking as it is now. p_booked_by: the user '
    'who books, by default the customer; an admin may book outside the sale times. '
    'p_expected_total: the request is refused when price times quantity is another amount.';

CREATE FUNCTION book_tickets_beyond_limit(p_requests booking_request[])
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
AS $$
BEGIN
    PERFORM set_config('marquee.beyond_customer_limit', 'true', true);
    RETURN QUERY SELECT * FROM book_tickets(p_requests);
    PERFORM set_config('marquee.beyond_customer_limit', '', true);
END;
$$;
COMMENT ON FUNCTION book_tickets_beyond_limit IS
    'Answers booking requests as book_tickets() does, but events.max_tickets_per_customer does not '
    'limit them, and their bookings say so (beyond_customer_limit). A request whose booked_by is '
    'not an admin is refused (TK020).';

GRANT EXECUTE ON FUNCTION book_tickets_beyond_limit TO ticketing_api;

CREATE OR REPLACE FUNCTION integrity_violations_of(
    p_from_event_id bigint,
    p_to_event_id bigint
)
RETURNS TABLE (
    kind text,
    table_name text,
    row_id bigint,
    expected text,
    actual text,
    event_id bigint
)
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = public, pg_temp
SET plan_cache_mode = force_custom_plan
SET jit = off
-- An event of the present is in memory: its rows are read through indexes, not by a scan of all.
SET random_page_cost = 1.1
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT
        finding.kind,
        'events',
        wrong.id,
        finding.expected,
        finding.actual,
        wrong.id
    FROM (
        SELECT
            events.*,
            search_text(events.title || ' ' || events.venue) AS search_text_today,
            coalesce(truth.bookings, 0) AS true_bookings,
            coalesce(truth.tickets, 0) AS true_tickets,
            coalesce(truth.revenue, 0) AS true_revenue,
            coalesce(truth.checked_in, 0) AS true_checked_in,
            coalesce(logged.edits, 0) AS logged_edits
        FROM events
        LEFT JOIN (
            SELECT
                bookings.event_id,
                count(*) AS bookings,
                sum(quantity) AS tickets,
                sum(total_amount) AS revenue,
                sum(tickets_checked_in) AS checked_in
            FROM bookings
            WHERE status = 'confirmed'
                AND bookings.event_id BETWEEN p_from_event_id AND p_to_event_id
            GROUP BY bookings.event_id
        ) AS truth ON truth.event_id = events.id
        LEFT JOIN (
            SELECT activity.event_id, count(*) AS edits
            FROM activity
            WHERE action IN ('event-edited', 'event-cancelled', 'event-completed')
                AND activity.event_id BETWEEN p_from_event_id AND p_to_event_id
            GROUP BY activity.event_id
        ) AS logged ON logged.event_id = events.id
        WHERE events.id BETWEEN p_from_event_id AND p_to_event_id
            AND (
                coalesce(truth.tickets, 0) <> events.tickets_sold
                OR coalesce(truth.bookings, 0) <> events.bookings_count
                OR coalesce(truth.revenue, 0) <> events.revenue
                OR coalesce(truth.checked_in, 0) <> events.tickets_checked_in
                OR truth.tickets > events.capacity
                OR coalesce(logged.edits, 0) < events.version - 1
                OR search_text(events.title || ' ' || events.venue) <> events.search_text
            )
    ) AS wrong
    CROSS JOIN LATERAL (
        VALUES
            (
                'tickets-sold-differs',
                true_tickets::text,
                tickets_sold::text,
                true_tickets <> tickets_sold
            ),
            (
                'bookings-count-differs',
                true_bookings::text,
                bookings_count::text,
                true_bookings <> bookings_count
            ),
            ('revenue-differs', true_revenue::text, revenue::text, true_revenue <> revenue),
            (
                'tickets-checked-in-differs',
                true_checked_in::text,
                tickets_checked_in::text,
                true_checked_in <> tickets_checked_in
            ),
            (
                'sold-beyond-capacity',
                capacity::text,
                true_tickets::text,
                true_tickets > capacity
            ),
            -- Each version after the first was made by an edit.
            (
                'edited-event-without-activity',
                (version - 1)::text,
                logged_edits::text,
                logged_edits < version - 1
            ),
            (
                'search-text-differs',
                search_text_today,
                search_text,
                search_text_today <> search_text
            )
    ) AS finding (kind, expected, actual, found)
    WHERE finding.found
    UNION ALL
    SELECT
        finding.kind,
        'bookings',
        wrong.id,
        finding.expected,
        finding.actual,
        wrong.event_id
    FROM (
        SELECT
            counted.*,
            counted.tickets - counted.used - counted.cancelled AS active,
            events.status AS event_status
        FROM (
            SELECT
                bookings.*,
                count(tickets.id) AS tickets,
                count(*) FILTER (WHERE tickets.status = 'used') AS used,
                count(*) FILTER (WHERE tickets.status = 'cancelled') AS cancelled
            FROM bookings
            LEFT JOIN tickets ON tickets.booking_id = bookings.id
            WHERE bookings.event_id BETWEEN p_from_event_id AND p_to_event_id
            GROUP BY bookings.id
        ) AS counted
        JOIN events ON events.id = counted.event_id
        WHERE counted.quantity <> counted.tickets
            OR counted.used <> counted.tickets_checked_in
            OR (
                counted.status = 'cancelled'
                AND counted.tickets > counted.cancelled
                AND (
                    events.status <> 'cancelled'
                    OR counted.tickets > counted.used + counted.cancelled
                )
            )
            OR (
                counted.status = 'confirmed'
                AND (counted.cancelled > 0 OR events.status = 'cancelled')
            )
    ) AS wrong
    CROSS JOIN LATERAL (
        VALUES
            (
                'quantity-differs-from-tickets',
                quantity::text,
                tickets::text,
                quantity <> tickets
            ),
            (
                'booking-checked-in-differs',
                used::text,
                tickets_checked_in::text,
                used <> tickets_checked_in
            ),
            (
                'active-ticket-of-cancelled-booking',
                '0',
                active::text,
                status = 'cancelled' AND active > 0
            ),
            -- Cancelling an event also cancels bookings that were partly used; a customer cannot.
            (
                'used-ticket-of-cancelled-booking',
                '0',
                used::text,
                status = 'cancelled' AND event_status <> 'cancelled' AND used > 0
            ),
            (
                'cancelled-ticket-of-confirmed-booking',
                '0',
                cancelled::text,
                status = 'confirmed' AND cancelled > 0
            ),
            (
                'confirmed-booking-of-cancelled-event',
                'cancelled',
                status::text,
                status = 'confirmed' AND event_status = 'cancelled'
            )
    ) AS finding (kind, expected, actual, found)
    WHERE finding.found
    UNION ALL
    -- The last booking that had to keep the limit was made within the limit of that time. A limit
    -- that was lowered since is no contradiction.
    SELECT
        'customer-limit-exceeded',
        'bookings',
        owned.last_booking_id,
        version.customer_limit::text,
        owned.tickets::text,
        owned.event_id
    FROM (
        SELECT
            bookings.event_id,
            sum(quantity) AS tickets,
            max(booking_date) AS last_booked,
            (array_agg(bookings.id ORDER BY booking_date DESC, bookings.id DESC))[1]
                AS last_booking_id
        FROM events
        JOIN bookings ON bookings.event_id = events.id
        WHERE events.max_tickets_per_customer IS NOT NULL
            AND events.id BETWEEN p_from_event_id AND p_to_event_id
            AND bookings.status = 'confirmed'
            AND NOT beyond_customer_limit
        GROUP BY bookings.event_id, bookings.user_id, events.max_tickets_per_customer
        HAVING sum(quantity) > events.max_tickets_per_customer
    ) AS owned
    CROSS JOIN LATERAL (
        SELECT (fields ->> 'max_tickets_per_customer')::integer AS customer_limit
        FROM event_versions
        WHERE event_versions.event_id = owned.event_id
            AND at <= owned.last_booked
        ORDER BY event_versions.version DESC
        LIMIT 1
    ) AS version
    WHERE owned.tickets > version.customer_limit
    UNION ALL
    -- Bookings that are cancelled with their event share the event's line in the log.
    SELECT
        'cancelled-booking-without-activity',
        'bookings',
        bookings.id,
        'booking-cancelled',
        NULL,
        bookings.event_id
    FROM bookings
    JOIN events ON events.id = bookings.event_id AND events.status <> 'cancelled'
    WHERE bookings.status = 'cancelled'
        AND bookings.event_id BETWEEN p_from_event_id AND p_to_event_id
        AND NOT EXISTS (
            SELECT
            FROM activity
            WHERE activity.booking_id = bookings.id
                AND activity.action = 'booking-cancelled'
                AND activity.event_id BETWEEN p_from_event_id AND p_to_event_id
        )
    UNION ALL
    -- What a CHECK forbids is looked for only while that CHECK is missing or not validated.
    SELECT
        'total-amount-differs',
        'bookings',
        bookings.id,
        (unit_price * quantity)::text,
        total_amount::text,
        bookings.event_id
    FROM bookings
    WHERE bookings.event_id BETWEEN p_from_event_id AND p_to_event_id
        AND unit_price * quantity <> total_amount
        AND NOT EXISTS (
            SELECT
            FROM pg_constraint
            WHERE conrelid = 'bookings'::regclass
                AND conname = 'bookings_total_amount_is_price_times_quantity'
                AND convalidated
        )
    UNION ALL
    SELECT
        'ticket-code-check-symbol-differs',
        'tickets',
        tickets.id,
        ticket_code_check_symbol(replace(left(ticket_code, 23), '-', '')),
        right(ticket_code, 1),
        bookings.event_id
    FROM bookings
    JOIN tickets ON tickets.booking_id = bookings.id
    WHERE bookings.event_id BETWEEN p_from_event_id AND p_to_event_id
        AND right(ticket_code, 1)
            <> ticket_code_check_symbol(replace(left(ticket_code, 23), '-', ''))
        AND NOT EXISTS (
            SELECT
            FROM pg_constraint
            WHERE conrelid = 'tickets'::regclass
                AND conname = 'tickets_code_has_check_symbol'
                AND convalidated
        )
    UNION ALL
    -- What foreign keys forbid: a superuser can switch their triggers off.
    SELECT
        'orphan-booking',
        'bookings',
        bookings.id,
        bookings.event_id::text,
        NULL,
        bookings.event_id
    FROM bookings
    WHERE bookings.event_id BETWEEN p_from_event_id AND p_to_event_id
        AND NOT EXISTS (SELECT FROM events WHERE events.id = bookings.event_id)
    UNION ALL
    SELECT
        'booking-without-customer',
        'bookings',
        bookings.id,
        bookings.user_id::text,
        NULL,
        bookings.event_id
    FROM bookings
    WHERE bookings.event_id BETWEEN p_from_event_id AND p_to_event_id
        AND NOT EXISTS (SELECT FROM users WHERE users.id = bookings.user_id)
    UNION ALL
    SELECT
        'booking-without-booker',
        'bookings',
        bookings.id,
        bookings.booked_by::text,
        NULL,
        bookings.event_id
    FROM bookings
    WHERE bookings.event_id BETWEEN p_from_event_id AND p_to_event_id
        AND bookings.booked_by <> bookings.user_id
        AND NOT EXISTS (SELECT FROM users WHERE users.id = bookings.booked_by)
    UNION ALL
    -- What was announced, and what the venue's clock will show by the rules of this server.
    SELECT
        'local-time-differs',
        'events',
        moved.event_id,
        moved.local_date_time::text,
        moved.actual_local_date_time::text,
        moved.event_id
    FROM events_at_another_local_time AS moved
    WHERE moved.event_id BETWEEN p_from_event_id AND p_to_event_id;
END;
$$;

-- Takes 0003_guard_the_ledger back. The history that was recorded is lost.

SET LOCAL lock_timeout = '2s';
LOCK TABLE events, bookings, tickets IN ACCESS EXCLUSIVE MODE;

DROP VIEW event_figures_by_ledger;
DROP FUNCTION events_as_of(timestamptz);
DROP FUNCTION event_as_of(bigint, timestamptz);
DROP FUNCTION create_event(jsonb, bigint);
DROP FUNCTION update_event(bigint, jsonb, integer, bigint);
DROP FUNCTION require_editable_fields(jsonb);

DROP TRIGGER events_raise_version ON events;
DROP TRIGGER events_record_creation ON events;
DROP TRIGGER events_record_edit ON events;
DROP TRIGGER bookings_begin ON bookings;
DROP TRIGGER bookings_cancel ON bookings;
DROP TRIGGER tickets_admit ON tickets;
DROP TRIGGER bookings_log_updated ON bookings;
DROP TRIGGER tickets_log_updated ON tickets;
DROP TRIGGER bookings_complete_inserted ON bookings;
DROP TRIGGER bookings_complete_updated ON bookings;
DROP TRIGGER tickets_count_updated ON tickets;
DROP TRIGGER events_begin_unsold ON events;
DROP TRIGGER events_begin_when_written ON events;
DROP TRIGGER events_counters_are_kept_by_triggers ON events;
DROP TRIGGER events_identity_never_changes ON events;
DROP TRIGGER events_version_is_kept_by_triggers ON events;
DROP TRIGGER events_ended_is_final ON events;
DROP TRIGGER events_are_never_deleted ON events;
DROP TRIGGER events_are_never_truncated ON events;
DROP TRIGGER bookings_counter_is_kept_by_triggers ON bookings;
DROP TRIGGER bookings_sale_is_never_rewritten ON bookings;
DROP TRIGGER bookings_cancelled_is_final ON bookings;
DROP TRIGGER bookings_are_never_deleted ON bookings;
DROP TRIGGER bookings_are_never_truncated ON bookings;
DROP TRIGGER tickets_come_with_their_booking ON tickets;
DROP TRIGGER tickets_never_change_hands ON tickets;
DROP TRIGGER tickets_ended_is_final ON tickets;
DROP TRIGGER tickets_are_cancelled_with_their_booking ON tickets;
DROP TRIGGER tickets_are_never_deleted ON tickets;
DROP TRIGGER tickets_are_never_truncated ON tickets;
DROP TRIGGER event_words_are_kept_by_triggers ON event_words;
DROP TRIGGER activity_is_append_only ON activity;
DROP TRIGGER activity_is_never_truncated ON activity;

DROP TABLE event_versions;
DROP TABLE event_figures;
DROP FUNCTION recount_event(bigint);
DROP FUNCTION begin_repair(text);
DROP FUNCTION end_repair();
DROP TABLE repairs;
DROP FUNCTION complete_inserted_bookings();
DROP FUNCTION complete_updated_bookings();
DROP FUNCTION log_updated_bookings();
DROP FUNCTION log_updated_tickets();
DROP FUNCTION begin_booking();
DROP FUNCTION cancel_booking_row();
DROP FUNCTION admit_ticket_row();
DROP FUNCTION record_event_edit();
DROP FUNCTION raise_event_version();
DROP FUNCTION refuse_change_unless_repairing();
DROP FUNCTION repair_begun();
DROP FUNCTION next_moment(events);
DROP FUNCTION acting_login();
DROP FUNCTION acting_user_id();
DROP FUNCTION act_as(bigint);
DROP FUNCTION new_ticket_code(bigint);
DROP FUNCTION ticket_code_group(bigint);
DROP FUNCTION stand_on_own_commit();
DROP FUNCTION require_admin(bigint);
ALTER TABLE events DROP COLUMN counted_at;

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
    WHEN '23514' THEN 'check-violation'
END;

COMMENT ON FUNCTION problem_name(text) IS 'The name of a SQLSTATE that the functions raise; sql/README.md has the table with what each means.';

CREATE OR REPLACE FUNCTION raise_problem(
    p_code text,
    p_detail jsonb DEFAULT '{}'
)
RETURNS void
LANGUAGE plpgsql
VOLATILE
AS $$
BEGIN
    RAISE EXCEPTION '%', problem_name(p_code)
        USING ERRCODE = p_code, DETAIL = p_detail::text;
END;
$$;

COMMENT ON FUNCTION raise_problem(text, jsonb) IS 'Raises the problem with this SQLSTATE; its name is the message, its facts the DETAIL.';

CREATE OR REPLACE FUNCTION new_ticket_code()
RETURNS text
LANGUAGE plpgsql
VOLATILE
AS $$
DECLARE
    v_random constant text := encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'base64');
    v_symbols constant text := translate(upper(left(v_random, 20) COLLATE "C"), 'ILOU0123+/', '0123456789');
BEGIN
    RETURN write_ticket_code(v_symbols || ticket_code_check_symbol(v_symbols));
END;
$$;

COMMENT ON FUNCTION new_ticket_code() IS 'A new unguessable ticket code: 100 bits of a cryptographic hash over two random UUIDs, and a check symbol.';

CREATE OR REPLACE FUNCTION refuse_change()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation';
END;
$$;

COMMENT ON FUNCTION refuse_change() IS 'Trigger: refuses the statement with the sentence given as its argument.';

CREATE OR REPLACE FUNCTION editable_fields(p_event events)
RETURNS jsonb
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN jsonb_build_object(
    'title', p_event.title,
    'description', p_event.description,
    'venue', p_event.venue,
    -- As an instant in UTC, whatever the session's time zone.
    'date_time', to_char(timezone('UTC', p_event.date_time), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'time_zone', p_event.time_zone,
    'capacity', p_event.capacity,
    'price', p_event.price::text,
    'max_tickets_per_booking', p_event.max_tickets_per_booking,
    'status', p_event.status
);

COMMENT ON FUNCTION editable_fields(events) IS 'For update_event: what of an event can be edited, as the activity log shows it.';

CREATE OR REPLACE FUNCTION cancel_bookings_of_event(p_event_id bigint)
RETURNS jsonb
LANGUAGE plpgsql
VOLATILE
AS $$
DECLARE
    v_bookings integer;
    v_tickets integer;
BEGIN
    PERFORM FROM bookings WHERE event_id = p_event_id AND status = 'confirmed' ORDER BY id FOR NO KEY UPDATE;
    UPDATE tickets
    SET status = 'cancelled'
    FROM bookings
    WHERE bookings.id = tickets.booking_id
        AND bookings.event_id = p_event_id
        AND bookings.status = 'confirmed'
        AND tickets.status = 'active';
    GET DIAGNOSTICS v_tickets = ROW_COUNT;
    UPDATE bookings
    SET status = 'cancelled',
        cancelled_at = greatest(now(), booking_date)
    WHERE event_id = p_event_id
        AND status = 'confirmed';
    GET DIAGNOSTICS v_bookings = ROW_COUNT;
    RETURN jsonb_build_object('bookings_cancelled', v_bookings, 'tickets_cancelled', v_tickets);
END;
$$;

COMMENT ON FUNCTION cancel_bookings_of_event(bigint) IS 'For update_event: cancels all confirmed bookings of an event, and their unused tickets, and says how many.';

CREATE OR REPLACE FUNCTION create_event(
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
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    v_event_id bigint;
BEGIN
    IF p_date_time <= now() THEN
        PERFORM raise_problem('TK015');
    END IF;
    INSERT INTO events (title, description, venue, date_time, time_zone, capacity, price, max_tickets_per_booking)
    VALUES (p_title, p_description, p_venue, p_date_time, p_time_zone, p_capacity, p_price, p_max_tickets_per_booking)
    RETURNING id INTO v_event_id;
    INSERT INTO activity (actor_id, action, event_id, detail)
    VALUES (p_actor_id, 'event-created', v_event_id, jsonb_build_object('title', p_title));
    RETURN v_event_id;
END;
$$;

COMMENT ON FUNCTION create_event(text, text, text, timestamptz, text, integer, numeric, integer, bigint) IS 'Creates an active event and returns its id. Raises TK015 when it would start in the past; what a row alone can break is refused by the CHECKs of events.';

CREATE OR REPLACE FUNCTION update_event(
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
SET lock_timeout = '2s'
AS $$
DECLARE
    v_was events;
    v_became events;
    v_old jsonb;
    v_new jsonb;
    v_detail jsonb := '{}';
BEGIN
    SELECT events.* INTO v_was FROM events WHERE id = p_event_id FOR NO KEY UPDATE;
    IF v_was.id IS NULL THEN
        PERFORM raise_problem('TK002');
    ELSIF v_was.version <> p_expected_version THEN
        PERFORM raise_problem('TK018', jsonb_build_object('version', v_was.version));
    END IF;

    v_became := v_was;
    v_became.title := p_title;
    v_became.description := p_description;
    v_became.venue := p_venue;
    v_became.date_time := p_date_time;
    v_became.time_zone := p_time_zone;
    v_became.capacity := p_capacity;
    v_became.price := p_price;
    v_became.max_tickets_per_booking := p_max_tickets_per_booking;
    v_became.status := p_status;
    v_old := editable_fields(v_was);
    v_new := editable_fields(v_became);
    IF v_old = v_new THEN
        RETURN;
    END IF;

    IF v_was.status <> 'active' THEN
        PERFORM raise_problem('TK013', jsonb_build_object('event_status', v_was.status));
    ELSIF p_capacity < v_was.tickets_sold THEN
        PERFORM raise_problem('TK014', jsonb_build_object('tickets_sold', v_was.tickets_sold));
    ELSIF v_became.date_time <> v_was.date_time AND v_became.date_time <= now() THEN
        PERFORM raise_problem('TK015');
    END IF;

    -- Bookings first: the update of the event locks shared rows of event_words.
    IF p_status = 'cancelled' THEN
        v_detail := cancel_bookings_of_event(p_event_id);
    END IF;
    UPDATE events
    SET title = v_became.title,
        description = v_became.description,
        venue = v_became.venue,
        date_time = v_became.date_time,
        time_zone = v_became.time_zone,
        capacity = v_became.capacity,
        price = v_became.price,
        max_tickets_per_booking = v_became.max_tickets_per_booking,
        status = v_became.status,
        version = version + 1,
        updated_at = now()
    WHERE id = p_event_id;
    INSERT INTO activity (actor_id, action, event_id, detail)
    SELECT
        p_actor_id,
        CASE p_status
            WHEN 'active' THEN 'event-edited'::activity_action
            WHEN 'cancelled' THEN 'event-cancelled'
            WHEN 'completed' THEN 'event-completed'
        END,
        p_event_id,
        v_detail || jsonb_build_object('was', jsonb_object_agg(key, v_old -> key), 'became', jsonb_object_agg(key, v_new -> key))
    FROM jsonb_object_keys(v_old) AS key
    WHERE v_old -> key <> v_new -> key;
END;
$$;

COMMENT ON FUNCTION update_event(bigint, text, text, text, timestamptz, text, integer, numeric, integer, event_status, integer, bigint) IS 'Edits an event; all fields are given. p_expected_version: refuse (TK018) when somebody edited it since; NULL: do not look. Raises TK002 unknown, TK013 no longer active, TK014 capacity below tickets sold, TK015 moved into the past. Status cancelled cancels its bookings and unused tickets. A new price touches no existing booking. Changing nothing raises no version.';

CREATE OR REPLACE FUNCTION cancel_booking(
    p_booking_id bigint,
    p_actor_id bigint
)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '1s'
AS $$
DECLARE
    v_booking bookings;
    v_event events;
    v_reason text;
BEGIN
    -- Lock order: event, booking, tickets.
    SELECT events.*
    INTO v_event
    FROM events
    WHERE id = (SELECT event_id FROM bookings WHERE id = p_booking_id)
    FOR NO KEY UPDATE;
    SELECT bookings.*
    INTO v_booking
    FROM bookings
    WHERE id = p_booking_id
        AND (user_id = p_actor_id OR EXISTS (SELECT FROM users WHERE id = p_actor_id AND role = 'admin'))
    FOR NO KEY UPDATE;
    IF v_booking.id IS NULL THEN
        PERFORM raise_problem('TK005');
    END IF;
    IF v_booking.status = 'cancelled' THEN
        RETURN;
    END IF;

    v_reason := CASE
        WHEN v_booking.tickets_checked_in > 0 THEN 'ticket-used'
        WHEN v_event.status <> 'active' THEN 'event-' || v_event.status
        WHEN v_event.date_time <= now() THEN 'event-started'
    END;
    IF v_reason IS NOT NULL THEN
        PERFORM raise_problem('TK006', jsonb_build_object('reason', v_reason));
    END IF;

    UPDATE bookings
    SET status = 'cancelled',
        cancelled_at = greatest(now(), booking_date)
    WHERE id = p_booking_id;
    UPDATE tickets
    SET status = 'cancelled'
    WHERE booking_id = p_booking_id;
    INSERT INTO activity (actor_id, action, event_id, booking_id, user_id, detail)
    VALUES (
        p_actor_id,
        'booking-cancelled',
        v_booking.event_id,
        p_booking_id,
        v_booking.user_id,
        jsonb_build_object('quantity', v_booking.quantity, 'total_amount', v_booking.total_amount::text)
    );
END;
$$;

COMMENT ON FUNCTION cancel_booking(bigint, bigint) IS 'Cancels a booking and its tickets; cancelled already, it stays as it is. Raises TK005 when it is unknown or neither the actor''s own nor the actor an admin, TK006 when a ticket was used, or the event has started, is completed or cancelled.';

CREATE OR REPLACE FUNCTION check_in_ticket(
    p_code text,
    p_event_id bigint,
    p_actor_id bigint
)
RETURNS TABLE (
    ticket_id bigint,
    ticket_code text,
    used_at timestamptz,
    booking_id bigint,
    booking_quantity integer,
    customer_name text,
    event_id bigint,
    event_title text,
    event_tickets_sold integer,
    event_tickets_checked_in integer
)
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
#variable_conflict use_column
DECLARE
    v_code constant text := parse_ticket_code(p_code);
    v_booking bookings;
    v_event events;
    v_ticket tickets;
BEGIN
    IF v_code IS NULL THEN
        PERFORM raise_problem('TK017');
    END IF;
    SELECT bookings.*
    INTO v_booking
    FROM tickets
    JOIN bookings ON bookings.id = tickets.booking_id
    WHERE tickets.ticket_code = v_code;
    IF v_booking.id IS NULL THEN
        PERFORM raise_problem('TK009');
    END IF;

    -- Lock order: event, booking, tickets.
    SELECT events.* INTO v_event FROM events WHERE id = v_booking.event_id FOR NO KEY UPDATE;
    PERFORM FROM bookings WHERE id = v_booking.id FOR NO KEY UPDATE;
    SELECT tickets.* INTO v_ticket FROM tickets WHERE tickets.ticket_code = v_code FOR NO KEY UPDATE;
    IF v_event.id <> p_event_id THEN
        PERFORM raise_problem('TK012', jsonb_build_object('event_title', v_event.title));
    ELSIF v_ticket.status = 'cancelled' THEN
        PERFORM raise_problem('TK011');
    ELSIF v_ticket.status = 'used' THEN
        PERFORM raise_problem(
            'TK010', jsonb_build_object('used_at', to_char(timezone('UTC', v_ticket.used_at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
        );
    END IF;

    UPDATE tickets SET status = 'used', used_at = now() WHERE id = v_ticket.id;
    INSERT INTO activity (actor_id, action, event_id, booking_id, ticket_id, user_id)
    VALUES (p_actor_id, 'ticket-admitted', v_event.id, v_booking.id, v_ticket.id, v_booking.user_id);
    RETURN QUERY
    SELECT
        v_ticket.id,
        v_ticket.ticket_code,
        now(),
        v_booking.id,
        v_booking.quantity,
        users.name,
        events.id,
        events.title,
        events.tickets_sold,
        events.tickets_checked_in
    FROM users, events
    WHERE users.id = v_booking.user_id
        AND events.id = v_event.id;
END;
$$;

COMMENT ON FUNCTION check_in_ticket(text, bigint, bigint) IS 'Admits the holder of a ticket code, once. p_event_id: refuse a ticket for another event; NULL: any event. Raises TK017 mistyped, TK009 unknown, TK012 for another event, TK011 cancelled, TK010 already used (and when).';

CREATE OR REPLACE FUNCTION count_inserted_bookings()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
AS $$
BEGIN
    PERFORM FROM events WHERE id IN (SELECT event_id FROM new_rows WHERE status = 'confirmed') ORDER BY id FOR NO KEY UPDATE;
    UPDATE events
    SET bookings_count = bookings_count + change.bookings,
        tickets_sold = tickets_sold + change.tickets,
        revenue = events.revenue + change.revenue,
        tickets_checked_in = tickets_checked_in + change.checked_in
    FROM (
        SELECT
            event_id,
            count(*) AS bookings,
            sum(quantity) AS tickets,
            sum(total_amount) AS revenue,
            sum(tickets_checked_in) AS checked_in
        FROM new_rows
        WHERE status = 'confirmed'
        GROUP BY event_id
    ) AS change
    WHERE events.id = change.event_id;
    RETURN NULL;
END;
$$;

COMMENT ON FUNCTION count_inserted_bookings() IS 'Trigger: adds new confirmed bookings to their events'' counters.';
REVOKE EXECUTE ON FUNCTION count_inserted_bookings() FROM PUBLIC;

CREATE OR REPLACE FUNCTION count_updated_bookings()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
AS $$
BEGIN
    PERFORM FROM events WHERE id IN (SELECT event_id FROM new_rows) ORDER BY id FOR NO KEY UPDATE;
    UPDATE events
    SET bookings_count = bookings_count + change.bookings,
        tickets_sold = tickets_sold + change.tickets,
        revenue = events.revenue + change.revenue,
        tickets_checked_in = tickets_checked_in + change.checked_in
    FROM (
        SELECT
            event_id,
            sum(sign) AS bookings,
            sum(sign * quantity) AS tickets,
            sum(sign * total_amount) AS revenue,
            sum(sign * tickets_checked_in) AS checked_in
        FROM (
            SELECT 1 AS sign, event_id, quantity, total_amount, tickets_checked_in, status FROM new_rows
            UNION ALL
            SELECT -1, event_id, quantity, total_amount, tickets_checked_in, status FROM old_rows
        ) AS version
        WHERE status = 'confirmed'
        GROUP BY event_id
    ) AS change
    WHERE events.id = change.event_id;
    RETURN NULL;
END;
$$;

COMMENT ON FUNCTION count_updated_bookings() IS 'Trigger: what changed about confirmed bookings goes into their events'' counters.';
REVOKE EXECUTE ON FUNCTION count_updated_bookings() FROM PUBLIC;

CREATE OR REPLACE FUNCTION count_deleted_bookings()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
AS $$
BEGIN
    PERFORM FROM events WHERE id IN (SELECT event_id FROM old_rows WHERE status = 'confirmed') ORDER BY id FOR NO KEY UPDATE;
    UPDATE events
    SET bookings_count = bookings_count + change.bookings,
        tickets_sold = tickets_sold + change.tickets,
        revenue = events.revenue + change.revenue,
        tickets_checked_in = tickets_checked_in + change.checked_in
    FROM (
        SELECT
            event_id,
            -count(*) AS bookings,
            -sum(quantity) AS tickets,
            -sum(total_amount) AS revenue,
            -sum(tickets_checked_in) AS checked_in
        FROM old_rows
        WHERE status = 'confirmed'
        GROUP BY event_id
    ) AS change
    WHERE events.id = change.event_id;
    RETURN NULL;
END;
$$;

COMMENT ON FUNCTION count_deleted_bookings() IS 'Trigger: takes deleted confirmed bookings out of their events'' counters.';
REVOKE EXECUTE ON FUNCTION count_deleted_bookings() FROM PUBLIC;

CREATE OR REPLACE FUNCTION count_inserted_tickets()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
AS $$
BEGIN
    -- The usual case: no booking is touched.
    IF NOT EXISTS (SELECT FROM new_rows WHERE status = 'used') THEN
        RETURN NULL;
    END IF;
    PERFORM FROM bookings WHERE id IN (SELECT booking_id FROM new_rows WHERE status = 'used') ORDER BY id FOR NO KEY UPDATE;
    UPDATE bookings
    SET tickets_checked_in = tickets_checked_in + change.checked_in
    FROM (
        SELECT booking_id, count(*) AS checked_in
        FROM new_rows
        WHERE status = 'used'
        GROUP BY booking_id
    ) AS change
    WHERE bookings.id = change.booking_id;
    RETURN NULL;
END;
$$;

COMMENT ON FUNCTION count_inserted_tickets() IS 'Trigger: adds used tickets to their bookings'' counter.';
REVOKE EXECUTE ON FUNCTION count_inserted_tickets() FROM PUBLIC;

CREATE OR REPLACE FUNCTION count_updated_tickets()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
AS $$
BEGIN
    -- The usual case: no booking is touched.
    IF NOT EXISTS (SELECT FROM new_rows WHERE status = 'used' UNION ALL SELECT FROM old_rows WHERE status = 'used') THEN
        RETURN NULL;
    END IF;
    PERFORM FROM bookings WHERE id IN (SELECT booking_id FROM new_rows) ORDER BY id FOR NO KEY UPDATE;
    UPDATE bookings
    SET tickets_checked_in = tickets_checked_in + change.checked_in
    FROM (
        SELECT booking_id, sum(sign) AS checked_in
        FROM (
            SELECT 1 AS sign, booking_id, status FROM new_rows
            UNION ALL
            SELECT -1, booking_id, status FROM old_rows
        ) AS version
        WHERE status = 'used'
        GROUP BY booking_id
        HAVING sum(sign) <> 0
    ) AS change
    WHERE bookings.id = change.booking_id;
    RETURN NULL;
END;
$$;

COMMENT ON FUNCTION count_updated_tickets() IS 'Trigger: tickets that became used, or are so no longer, go into their bookings'' counter.';
REVOKE EXECUTE ON FUNCTION count_updated_tickets() FROM PUBLIC;

CREATE OR REPLACE FUNCTION count_deleted_tickets()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
AS $$
BEGIN
    -- The usual case: no booking is touched.
    IF NOT EXISTS (SELECT FROM old_rows WHERE status = 'used') THEN
        RETURN NULL;
    END IF;
    PERFORM FROM bookings WHERE id IN (SELECT booking_id FROM old_rows WHERE status = 'used') ORDER BY id FOR NO KEY UPDATE;
    UPDATE bookings
    SET tickets_checked_in = tickets_checked_in + change.checked_in
    FROM (
        SELECT booking_id, -count(*) AS checked_in
        FROM old_rows
        WHERE status = 'used'
        GROUP BY booking_id
    ) AS change
    WHERE bookings.id = change.booking_id;
    RETURN NULL;
END;
$$;

COMMENT ON FUNCTION count_deleted_tickets() IS 'Trigger: takes deleted used tickets out of their bookings'' counter.';
REVOKE EXECUTE ON FUNCTION count_deleted_tickets() FROM PUBLIC;

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
    v_inserted bigint[];
    v_same integer;
    r record;
BEGIN
    IF (cardinality(p_event_ids), cardinality(p_quantities), cardinality(p_idempotency_keys), cardinality(p_booked_by),
        cardinality(p_expected_totals)) IS DISTINCT FROM (v_count, v_count, v_count, v_count, v_count)
    THEN
        RAISE EXCEPTION 'the arrays of a batch differ in length' USING ERRCODE = 'array_subscript_error';
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

        -- In the order of keys, so that two processes with the same keys cannot deadlock.
        WITH inserted AS (
            INSERT INTO bookings (id, user_id, event_id, quantity, unit_price, total_amount, booked_by, idempotency_key)
            OVERRIDING SYSTEM VALUE
            SELECT
                v_booking_ids[no],
                p_user_ids[no],
                p_event_ids[no],
                p_quantities[no],
                price,
                price * p_quantities[no],
                coalesce(p_booked_by[no], p_user_ids[no]),
                p_idempotency_keys[no]
            FROM unnest(v_accepted, v_unit_prices) AS accepted (no, price)
            ORDER BY p_user_ids[no], p_idempotency_keys[no]
            ON CONFLICT (user_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
            RETURNING id
        )
        SELECT coalesce(array_agg(id), '{}') INTO v_inserted FROM inserted;

        INSERT INTO tickets (booking_id)
        SELECT v_booking_ids[no]
        FROM unnest(v_accepted) AS no, generate_series(1, p_quantities[no])
        WHERE v_booking_ids[no] = ANY (v_inserted);

        EXIT WHEN cardinality(v_inserted) = cardinality(v_accepted);
        v_pending := ARRAY(
            SELECT no FROM unnest(v_pending) AS no WHERE v_booking_ids[no] = ANY (v_inserted) IS NOT TRUE ORDER BY no
        );
    END LOOP;

    RETURN QUERY
    SELECT answer.no::integer, answer.replayed AND answer.error_code IS NULL, answer.error_code, answer.error_detail, booking.*
    FROM unnest(v_booking_ids, v_replayed, v_error_codes, v_error_details)
        WITH ORDINALITY AS answer (booking_id, replayed, error_code, error_detail, no)
    LEFT JOIN LATERAL booking_with_tickets(answer.booking_id) AS booking ON answer.error_code IS NULL
    ORDER BY answer.no;
END;
$$;

COMMENT ON FUNCTION book_tickets(bigint[], bigint[], integer[], text[], bigint[], numeric[]) IS 'Many booking requests as parallel arrays (customer, event, quantity, idempotency key or NULL, who presses the button or NULL for the customer, expected total or NULL): one row for each, in order, with the booking and its tickets, or the SQLSTATE and detail it would have raised alone. One request''s failure touches no other. Waits for a lock at most a second (55P03).';

ALTER TABLE bookings ALTER COLUMN booking_date SET DEFAULT now();
ALTER TABLE tickets ALTER COLUMN ticket_code SET DEFAULT new_ticket_code();
ALTER TABLE activity ALTER COLUMN at SET DEFAULT now();
ALTER FUNCTION change_event_words(text[], text[]) RESET search_path;
ALTER FUNCTION keep_event_words() RESET search_path;

CREATE TRIGGER activity_is_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON activity
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('activity is append-only');

COMMENT ON TRIGGER activity_is_append_only ON activity IS 'Nobody rewrites the log, the owner included.';

CREATE TRIGGER bookings_event_id_never_changes
BEFORE UPDATE OF event_id ON bookings
FOR EACH ROW WHEN (NEW.event_id <> OLD.event_id)
EXECUTE FUNCTION refuse_change('bookings.event_id never changes');

COMMENT ON TRIGGER bookings_event_id_never_changes ON bookings IS 'A booking stays with its event.';

CREATE TRIGGER tickets_booking_id_never_changes
BEFORE UPDATE OF booking_id ON tickets
FOR EACH ROW WHEN (NEW.booking_id <> OLD.booking_id)
EXECUTE FUNCTION refuse_change('tickets.booking_id never changes');

COMMENT ON TRIGGER tickets_booking_id_never_changes ON tickets IS 'A ticket stays with its booking.';

CREATE TRIGGER bookings_are_never_truncated
BEFORE TRUNCATE ON bookings
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('bookings are the ledger: TRUNCATE would leave counters wrong');

COMMENT ON TRIGGER bookings_are_never_truncated ON bookings IS 'TRUNCATE calls none of the triggers that keep the counters.';

CREATE TRIGGER tickets_are_never_truncated
BEFORE TRUNCATE ON tickets
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('tickets are the ledger: TRUNCATE would leave counters wrong');

COMMENT ON TRIGGER tickets_are_never_truncated ON tickets IS 'TRUNCATE calls none of the triggers that keep the counters.';

CREATE TRIGGER bookings_count_inserted
AFTER INSERT ON bookings
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_inserted_bookings();

COMMENT ON TRIGGER bookings_count_inserted ON bookings IS 'Keeps the counters of events.';

CREATE TRIGGER bookings_count_updated
AFTER UPDATE ON bookings
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_updated_bookings();

COMMENT ON TRIGGER bookings_count_updated ON bookings IS 'Keeps the counters of events.';

CREATE TRIGGER bookings_count_deleted
AFTER DELETE ON bookings
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_deleted_bookings();

COMMENT ON TRIGGER bookings_count_deleted ON bookings IS 'Keeps the counters of events.';

CREATE TRIGGER tickets_count_inserted
AFTER INSERT ON tickets
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_inserted_tickets();

COMMENT ON TRIGGER tickets_count_inserted ON tickets IS 'Keeps the counter of bookings.';

CREATE TRIGGER tickets_count_updated
AFTER UPDATE ON tickets
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_updated_tickets();

COMMENT ON TRIGGER tickets_count_updated ON tickets IS 'Keeps the counter of bookings.';

CREATE TRIGGER tickets_count_deleted
AFTER DELETE ON tickets
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION count_deleted_tickets();

COMMENT ON TRIGGER tickets_count_deleted ON tickets IS 'Keeps the counter of bookings.';

COMMENT ON TABLE events IS 'What is on sale. Events with bookings cannot be deleted. Written only through create_event, update_event and the counters'' triggers.';

COMMENT ON COLUMN events.version IS 'Raised by edits only, never by sales: what If-Match compares.';

COMMENT ON TABLE bookings IS 'The ledger of sales. Written by book_tickets, cancelled by cancel_booking or with the event, never deleted by the application.';

COMMENT ON COLUMN bookings.event_id IS 'Never changes: a trigger refuses it.';

COMMENT ON COLUMN bookings.booking_date IS 'When it was booked.';

COMMENT ON COLUMN bookings.cancelled_at IS 'NULL: the booking is confirmed.';

COMMENT ON TABLE tickets IS 'One row admits one person, once. Tickets go with their booking.';

COMMENT ON COLUMN tickets.booking_id IS 'Never changes: a trigger refuses it.';

COMMENT ON COLUMN tickets.ticket_code IS 'What the customer shows at the door: XXXXX-XXXXX-XXXXX-XXXXX-X, unguessable, the last symbol a check symbol.';

COMMENT ON COLUMN tickets.used_at IS 'When it admitted somebody. NULL: it has not.';

-- Takes 0046_drafts_and_copies back.

-- The earlier release would show a draft to everybody, so somebody has to decide about each.
DO $$
DECLARE
    v_drafts constant text := (
        SELECT string_agg(id::text, ', ' ORDER BY id) FROM events WHERE status = 'draft'
    );
BEGIN
    IF v_drafts IS NOT NULL THEN
        RAISE EXCEPTION 'these events are drafts, which the earlier release does not have: %', v_drafts
            USING HINT = 'Publish or cancel them. A cancelled one keeps its row and its history.';
    END IF;
    -- The history of events that were drafts once: the earlier release can read cancelled.
    IF EXISTS (SELECT FROM event_versions WHERE fields ->> 'status' = 'draft') THEN
        PERFORM begin_repair('The earlier release has no drafts in the history of events');
        UPDATE event_versions
        SET fields = fields || '{"status": "cancelled", "status_before_rollback": "draft"}'
        WHERE fields ->> 'status' = 'draft';
    END IF;
END;
$$;

LOCK TABLE event_availability IN ACCESS EXCLUSIVE MODE;

DROP FUNCTION copy_event_once;
DROP FUNCTION copy_event;
DROP TYPE event_start;

CREATE OR REPLACE FUNCTION create_event_once(
    p_fields jsonb,
    p_actor_id bigint,
    p_idempotency_key text
)
RETURNS TABLE (event events, replayed boolean)
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
#variable_conflict use_column
DECLARE
    v_hash constant bytea := sha256(convert_to(p_fields::text, 'UTF8'));
    v_earlier event_creations;
    v_event events;
BEGIN
    PERFORM require_admin(p_actor_id);
    IF p_idempotency_key IS NULL THEN
        RETURN QUERY SELECT created, false FROM create_event(p_fields, p_actor_id) AS created;
        RETURN;
    END IF;
    -- Of two requests at once with one key, the second waits here and then finds the event.
    PERFORM pg_advisory_xact_lock(hashtextextended(p_actor_id || ' ' || p_idempotency_key, 0));
    SELECT event_creations.*
    INTO v_earlier
    FROM event_creations
    WHERE actor_id = p_actor_id
        AND idempotency_key = p_idempotency_key;
    IF v_earlier.event_id IS NULL THEN
        v_event := create_event(p_fields, p_actor_id);
        INSERT INTO event_creations (actor_id, idempotency_key, event_id, request_hash)
        VALUES (p_actor_id, p_idempotency_key, v_event.id, v_hash);
    ELSIF v_earlier.request_hash <> v_hash THEN
        PERFORM raise_problem('TK007');
    ELSE
        PERFORM wait_for_standby_at_commit();
        SELECT events.* INTO v_event FROM events WHERE id = v_earlier.event_id;
    END IF;
    RETURN QUERY SELECT v_event, v_earlier.event_id IS NOT NULL;
END;
$$;
COMMENT ON FUNCTION create_event_once IS
    'Creates an event as create_event() does and returns it. A request with the same key by the '
    'same admin returns the event as it is now, and replayed is true. p_idempotency_key NULL: the '
    'request has no key. Raises TK007 when the key made an event from other fields, and what '
    'create_event() raises.';

DROP FUNCTION events_made_with_key;

-- The earlier release knows one event for each key. The key of a request to copy is forgotten.
DELETE FROM event_creations
WHERE (actor_id, idempotency_key) IN (
    SELECT actor_id, idempotency_key
    FROM event_creations
    GROUP BY actor_id, idempotency_key
    HAVING count(*) > 1
);
ALTER TABLE event_creations
    DROP CONSTRAINT event_creations_pkey,
    ADD CONSTRAINT event_creations_pkey PRIMARY KEY (actor_id, idempotency_key);
COMMENT ON TABLE event_creations IS
    'Events that were made with an idempotency key. Written by create_event_once().';
COMMENT ON COLUMN event_creations.actor_id IS 'The admin whose key it is.';
COMMENT ON COLUMN event_creations.idempotency_key IS
    'Chosen by the client and unique for the admin: a request with the same key returns this '
    'event.';
COMMENT ON COLUMN event_creations.event_id IS 'The event that the request made.';
COMMENT ON COLUMN event_creations.request_hash IS
    'SHA-256 of the fields that were asked for: a request with other fields may not use this key.';

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
    v_columns constant text := (
        SELECT string_agg(quote_ident(key), ', ') FROM jsonb_object_keys(p_fields) AS key
    );
    v_was events;
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

    v_new := jsonb_populate_record(v_was, p_fields);
    IF editable_fields(v_new) = editable_fields(v_was) THEN
        PERFORM wait_for_standby_at_commit();
        RETURN v_was;
    ELSIF v_was.status <> 'active' THEN
        PERFORM raise_problem('TK013', jsonb_build_object('event_status', v_was.status));
    ELSIF v_new.capacity < v_was.tickets_sold THEN
        PERFORM raise_problem('TK014', jsonb_build_object('tickets_sold', v_was.tickets_sold));
    ELSIF v_new.date_time <> v_was.date_time AND v_new.date_time <= now() THEN
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
    'time_zone by the rules that the database has. p_expected_version: the edit is refused (TK018) '
    'when the event has another version; NULL: any version is accepted. Raises TK002 when the '
    'event is unknown, TK013 when it is no longer active, TK014 when the capacity would be below '
    'the tickets sold, TK015 when the event would move into the past, TK020 when the actor is not '
    'an admin. Status cancelled cancels its bookings and unused tickets. A new price changes no '
    'existing booking. An edit that changes nothing does not raise the version.';

CREATE OR REPLACE FUNCTION create_event(
    p_fields jsonb,
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
    -- A field that is NULL gets the default of its column.
    v_fields constant jsonb := jsonb_strip_nulls(p_fields);
    v_columns constant text := (
        SELECT string_agg(quote_ident(key), ', ') FROM jsonb_object_keys(v_fields) AS key
    );
    v_given constant events := jsonb_populate_record(NULL::events, v_fields);
    v_event events;
BEGIN
    PERFORM require_admin(p_actor_id);
    PERFORM require_editable_fields(p_fields);
    IF v_given.status <> 'active' THEN
        RAISE EXCEPTION 'an event begins active' USING ERRCODE = 'restrict_violation';
    ELSIF v_given.date_time <= now() THEN
        PERFORM raise_problem('TK015');
    END IF;
    PERFORM act_as(p_actor_id);
    EXECUTE CASE
            -- The error then names a column that has no default.
            WHEN v_columns IS NULL THEN 'INSERT INTO events DEFAULT VALUES'
            ELSE format('INSERT INTO events (%1$s) SELECT %1$s', v_columns)
                || ' FROM (SELECT $1.*) AS given'
        END || ' RETURNING *'
        INTO v_event
        USING v_given;
    PERFORM act_as(NULL);
    RETURN v_event;
END;
$$;
COMMENT ON FUNCTION create_event(jsonb, bigint) IS
    'Creates an active event from its fields, by name of column as in editable_fields(), and '
    'returns it. local_date_time may be left out: it then follows from date_time by the rules that '
    'the database has. Raises TK015 when the event would start in the past, TK020 when the actor '
    'is not an admin. The CHECKs of events refuse a row that is wrong in itself.';

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
            WHEN 'TK003' THEN jsonb_build_object(
                'reason', CASE event_status WHEN 'active' THEN 'started' ELSE event_status::text END
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
            events.status AS event_status,
            events.max_tickets_per_booking,
            earlier.id AS earlier_booking_id,
            CASE
                WHEN earlier.id IS NOT NULL THEN CASE
                    WHEN (earlier.event_id, earlier.quantity)
                        IS DISTINCT FROM (request.event_id, request.quantity) THEN 'TK007'
                END
                WHEN refusal.code IS NOT NULL THEN refusal.code
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
        LEFT JOIN bookings AS earlier
            ON earlier.user_id = request.user_id
            AND earlier.idempotency_key = request.idempotency_key
        LEFT JOIN users AS customer ON customer.id = request.user_id
        LEFT JOIN users AS booker ON booker.id = request.booked_by
        LEFT JOIN events ON events.id = request.event_id
        CROSS JOIN LATERAL (
            SELECT CASE
                WHEN char_length(request.idempotency_key) NOT BETWEEN 1 AND 64
                    OR request.idempotency_key ~ '[^!-~]' THEN '23514'
                WHEN customer.id IS NULL OR booker.id IS NULL THEN 'TK008'
                WHEN events.id IS NULL THEN 'TK002'
                WHEN NOT events.bookable THEN 'TK003'
                WHEN coalesce(request.quantity, 0)
                    NOT BETWEEN 1 AND events.max_tickets_per_booking THEN 'TK004'
                WHEN request.expected_total <> events.price * request.quantity THEN 'TK016'
            END AS code
        ) AS refusal
    ) AS decided
    ORDER BY no;
$$;
COMMENT ON FUNCTION decide_booking_requests IS
    'For book_tickets: decides which pending requests are replays, which are refused, and which '
    'are sold out because no pending request fits into what is left. Returns one row for each '
    'pending request, in order. p_pending: the numbers of the pending requests; NULL: all.';

CREATE OR REPLACE VIEW events_at_another_local_time AS
SELECT
    events.id AS event_id,
    events.title,
    events.time_zone,
    events.date_time,
    events.local_date_time,
    timezone(clock.time_zone, events.date_time) AS actual_local_date_time
FROM events
-- OFFSET, LEFT and CASE keep this apart from the rest of the query: it runs once for each zone, and
-- PostgreSQL remembers the result.
LEFT JOIN LATERAL (
    SELECT usable_time_zone(events.time_zone, interval '0') AS time_zone
    OFFSET 0
) AS clock ON true
WHERE events.status = 'active'
    AND events.date_time > now()
    AND CASE
        WHEN clock.time_zone = events.time_zone
            THEN timezone(clock.time_zone, events.date_time) <> events.local_date_time
        -- The server does not know the zone, and has no rules to compare with.
        ELSE false
    END;

COMMENT ON VIEW events_at_another_local_time IS
    'Active events to come that start when the venue''s clock, by the rules this server has, '
    'shows another time than the one announced. python -m app.operations.moved_events repairs '
    'them.';
COMMENT ON COLUMN events_at_another_local_time.local_date_time IS
    'The time on the venue''s clock, as it was announced.';
COMMENT ON COLUMN events_at_another_local_time.actual_local_date_time IS
    'The time on the venue''s clock at date_time.';

CREATE OR REPLACE VIEW event_availability AS
SELECT
    id AS event_id,
    title,
    description,
    venue,
    date_time,
    time_zone,
    capacity,
    price,
    max_tickets_per_booking,
    status,
    tickets_sold,
    events.tickets_available,
    events.bookable,
    version,
    created_at,
    updated_at,
    local_date_time
FROM events;

COMMENT ON VIEW event_availability IS
    'Use event_details. This view is kept for API processes of the previous release while they are '
    'being replaced. The next release drops it.';
COMMENT ON COLUMN event_availability.tickets_available IS
    'How many can still be sold; 0 is sold out.';
COMMENT ON COLUMN event_availability.local_date_time IS
    'The time on the venue''s clock when it starts.';
COMMENT ON COLUMN event_availability.bookable IS
    'Active and not yet started. A sold-out event stays bookable: somebody may cancel.';

DROP FUNCTION was_published;

DROP TRIGGER events_draft_is_published_first ON events;

CREATE OR REPLACE TRIGGER events_ended_is_final
BEFORE UPDATE OF status ON events
FOR EACH ROW
WHEN (OLD.status <> 'active' AND NEW.status <> OLD.status)
EXECUTE FUNCTION refuse_change_unless_repairing('a cancelled or completed event stays so');
COMMENT ON TRIGGER events_ended_is_final ON events IS 'cancelled and completed are final.';

CREATE OR REPLACE FUNCTION complete_inserted_bookings()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_cancelled_event_id bigint;
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
    SELECT min(id) INTO v_cancelled_event_id FROM counted WHERE status = 'cancelled';
    IF v_cancelled_event_id IS NOT NULL THEN
        RAISE EXCEPTION 'event % is cancelled: it cannot be booked', v_cancelled_event_id
            USING ERRCODE = 'restrict_violation';
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
    'writes the tickets of all new bookings. Refuses bookings of a cancelled event.';

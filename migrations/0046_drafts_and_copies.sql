-- An event may be a draft, which only admins see. An event can be copied to other dates, as drafts.
-- depends: 0045_add_draft_status
-- squawk-ignore-file ban-drop-constraint, constraint-missing-not-valid, adding-serial-primary-key-field

-- A reader of a view locks the view first and then the table: see README.md, Locks.
LOCK TABLE event_availability IN ACCESS EXCLUSIVE MODE;

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
    SELECT id, status
    INTO v_refused
    FROM counted
    WHERE status IN ('draft', 'cancelled')
    ORDER BY id
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'event % is %: it cannot be booked',
            v_refused.id,
            CASE v_refused.status WHEN 'draft' THEN 'a draft' ELSE 'cancelled' END
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
    'writes the tickets of all new bookings. Refuses bookings of a draft or a cancelled event.';

CREATE OR REPLACE TRIGGER events_ended_is_final
BEFORE UPDATE OF status ON events
FOR EACH ROW
WHEN (OLD.status IN ('cancelled', 'completed') AND NEW.status <> OLD.status)
EXECUTE FUNCTION refuse_change_unless_repairing('a cancelled or completed event stays so');
COMMENT ON TRIGGER events_ended_is_final ON events IS 'cancelled and completed are final.';

CREATE TRIGGER events_draft_is_published_first
BEFORE UPDATE OF status ON events
FOR EACH ROW
WHEN (
    (OLD.status = 'active' AND NEW.status = 'draft')
    OR (OLD.status = 'draft' AND NEW.status = 'completed')
)
EXECUTE FUNCTION refuse_change_unless_repairing(
    'a draft is published or cancelled, and a published event never becomes a draft again'
);
COMMENT ON TRIGGER events_draft_is_published_first ON events IS
    'What customers have seen cannot be hidden from them, and what they never saw did not take '
    'place.';

CREATE OR REPLACE FUNCTION was_published(p_event_id bigint)
RETURNS boolean
LANGUAGE sql
STABLE
PARALLEL SAFE
SET search_path = public, pg_temp
AS $$
    SELECT coalesce(bool_or(fields ->> 'status' = 'active'), false)
        OR NOT coalesce(bool_or(fields ->> 'status' = 'draft'), false)
    FROM event_versions
    WHERE event_id = p_event_id;
$$;
COMMENT ON FUNCTION was_published IS
    'False for a draft, and for an event that was cancelled while it was a draft: customers never '
    'saw it. Read from its history.';
GRANT EXECUTE ON FUNCTION was_published TO ticketing_api, ticketing_reader;

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
FROM events
WHERE status <> 'draft';

COMMENT ON VIEW event_availability IS
    'Use event_details. This view is kept for API processes of the previous release while they are '
    'being replaced, and shows no drafts, which those do not know. The next release drops it.';
COMMENT ON COLUMN event_availability.tickets_available IS
    'How many can still be sold; 0 is sold out.';
COMMENT ON COLUMN event_availability.local_date_time IS
    'The time on the venue''s clock when it starts.';
COMMENT ON COLUMN event_availability.bookable IS
    'Active and not yet started. A sold-out event stays bookable: somebody may cancel.';

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
WHERE events.status IN ('draft', 'active')
    AND events.date_time > now()
    AND CASE
        WHEN clock.time_zone = events.time_zone
            THEN timezone(clock.time_zone, events.date_time) <> events.local_date_time
        -- The server does not know the zone, and has no rules to compare with.
        ELSE false
    END;

COMMENT ON VIEW events_at_another_local_time IS
    'Active events and drafts to come that start when the venue''s clock, by the rules this server '
    'has, shows another time than the one announced. python -m app.operations.moved_events '
    'repairs them.';
COMMENT ON COLUMN events_at_another_local_time.local_date_time IS
    'The time on the venue''s clock, as it was announced.';
COMMENT ON COLUMN events_at_another_local_time.actual_local_date_time IS
    'The time on the venue''s clock at date_time.';

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
                WHEN events.id IS NULL OR events.status = 'draft' THEN 'TK002'
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
    'For book_tickets: decides which pending requests are repeated ones (replayed), which are '
    'refused, and which are sold out because every other pending request for the event asks for '
    'more tickets than are left. Returns one row for each pending request, in order. p_pending: '
    'the numbers of the pending requests; NULL: all.';

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
    IF v_given.status NOT IN ('draft', 'active') THEN
        RAISE EXCEPTION 'an event begins active or as a draft' USING ERRCODE = 'restrict_violation';
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
    'Creates an event from its fields, by name of column as in editable_fields(), and returns it: '
    'an active one, unless its status is draft. local_date_time may be left out: it then follows '
    'from date_time by the rules that the database has. Raises TK015 when the event would start in '
    'the past, TK020 when the actor is not an admin. The CHECKs of events refuse a row that is '
    'wrong in itself.';

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
    'time_zone by the rules that the database has. p_expected_version: the edit is refused (TK018) '
    'when the event has another version; NULL: any version is accepted. Raises TK002 when the '
    'event is unknown, TK013 when it is cancelled or completed, and when the new status may not '
    'follow the present one, TK014 when the capacity would be below the tickets sold, TK015 when '
    'the event would move into the past, or be published after its start, TK020 when the actor is '
    'not an admin. Status active publishes a draft. Status cancelled cancels its bookings and '
    'unused tickets. A new price changes no existing booking. An edit that changes nothing does '
    'not raise the version.';

-- A request may make several events. The table has one row for each event that was created with a
-- key, and only that is locked.
ALTER TABLE event_creations
    DROP CONSTRAINT event_creations_pkey,
    ADD CONSTRAINT event_creations_pkey PRIMARY KEY (actor_id, idempotency_key, event_id);
COMMENT ON TABLE event_creations IS
    'Events that were made with an idempotency key. Written by create_event_once() and '
    'copy_event_once().';
COMMENT ON COLUMN event_creations.actor_id IS 'The admin whose key it is.';
COMMENT ON COLUMN event_creations.idempotency_key IS
    'Chosen by the client and unique for the admin: a request with the same key returns its '
    'events.';
COMMENT ON COLUMN event_creations.event_id IS
    'An event that the request made. A request to copy makes several.';
COMMENT ON COLUMN event_creations.request_hash IS
    'SHA-256 of what was asked for: a request for something else may not use this key.';

CREATE OR REPLACE FUNCTION events_made_with_key(
    p_actor_id bigint,
    p_idempotency_key text,
    p_request_hash bytea
)
RETURNS bigint[]
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_event_ids bigint[];
    v_same boolean;
BEGIN
    -- Of two requests at once with one key, the second waits here and then finds the events.
    PERFORM pg_advisory_xact_lock(hashtextextended(p_actor_id || ' ' || p_idempotency_key, 0));
    SELECT array_agg(event_id ORDER BY event_id), bool_and(request_hash = p_request_hash)
    INTO v_event_ids, v_same
    FROM event_creations
    WHERE actor_id = p_actor_id
        AND idempotency_key = p_idempotency_key;
    IF NOT v_same THEN
        PERFORM raise_problem('TK007');
    END IF;
    RETURN v_event_ids;
END;
$$;
COMMENT ON FUNCTION events_made_with_key IS
    'For create_event_once and copy_event_once: the events that a request with this key made, in '
    'the order in which it made them. NULL: there was no such request, and there will be none '
    'before this transaction ends. Raises TK007 when it was another request.';

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
    v_event_ids bigint[];
    v_event events;
BEGIN
    PERFORM require_admin(p_actor_id);
    IF p_idempotency_key IS NULL THEN
        RETURN QUERY SELECT created, false FROM create_event(p_fields, p_actor_id) AS created;
        RETURN;
    END IF;
    v_event_ids := events_made_with_key(p_actor_id, p_idempotency_key, v_hash);
    IF v_event_ids IS NULL THEN
        v_event := create_event(p_fields, p_actor_id);
        INSERT INTO event_creations (actor_id, idempotency_key, event_id, request_hash)
        VALUES (p_actor_id, p_idempotency_key, v_event.id, v_hash);
    ELSE
        PERFORM wait_for_standby_at_commit();
        SELECT events.* INTO v_event FROM events WHERE id = v_event_ids[1];
    END IF;
    RETURN QUERY SELECT v_event, v_event_ids IS NOT NULL;
END;
$$;
COMMENT ON FUNCTION create_event_once IS
    'Creates an event as create_event() does and returns it. A request with the same key by the '
    'same admin returns the event as it is now, and replayed is true. p_idempotency_key NULL: the '
    'request has no key. Raises TK007 when the key made other events, and what '
    'create_event() raises.';

CREATE TYPE event_start AS (
    date_time timestamptz,
    local_date_time timestamp
);
COMMENT ON TYPE event_start IS
    'When an event starts: the instant, and the time on the venue''s clock. The latter may be '
    'NULL: it then follows from date_time by the rules that the database has.';

CREATE FUNCTION copy_event(
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
                'end_time', v_event.end_time + v_later
            ),
            p_actor_id
        );
    END LOOP;
END;
$$;
COMMENT ON FUNCTION copy_event IS
    'Copies an event of any status to these dates and returns the copies, in the order of the '
    'dates. They are drafts with the fields of the event. Doors and end are as far from the start, '
    'on the venue''s clock, as those of the event. Raises TK002 when the event is unknown, and '
    'what create_event() raises.';

CREATE FUNCTION copy_event_once(
    p_event_id bigint,
    p_dates event_start[],
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
    v_hash constant bytea := sha256(
        convert_to(jsonb_build_object('copy', p_event_id, 'to', p_dates)::text, 'UTF8')
    );
    v_event_ids bigint[];
BEGIN
    PERFORM require_admin(p_actor_id);
    IF p_idempotency_key IS NULL THEN
        RETURN QUERY
        SELECT copied, false FROM copy_event(p_event_id, p_dates, p_actor_id) AS copied;
        RETURN;
    END IF;
    v_event_ids := events_made_with_key(p_actor_id, p_idempotency_key, v_hash);
    IF v_event_ids IS NOT NULL THEN
        PERFORM wait_for_standby_at_commit();
        RETURN QUERY
        SELECT events, true
        FROM unnest(v_event_ids) WITH ORDINALITY AS made (id, place)
        JOIN events ON events.id = made.id
        ORDER BY made.place;
        RETURN;
    END IF;
    RETURN QUERY
    WITH copies AS MATERIALIZED (
        SELECT copied, (copied).id
        FROM copy_event(p_event_id, p_dates, p_actor_id) AS copied
    ),
    recorded AS (
        INSERT INTO event_creations (actor_id, idempotency_key, event_id, request_hash)
        SELECT p_actor_id, p_idempotency_key, id, v_hash FROM copies
    )
    SELECT copied, false FROM copies ORDER BY id;
END;
$$;
COMMENT ON FUNCTION copy_event_once IS
    'Copies an event as copy_event() does and returns the copies. A request with the same key by '
    'the same admin returns the copies as they are now, and replayed is true. p_idempotency_key '
    'NULL: the request has no key. Raises TK007 when the key made other events, and what '
    'copy_event() raises.';
GRANT EXECUTE ON FUNCTION copy_event, copy_event_once TO ticketing_api;

-- The rollback of this step keeps what it takes out of the history.
DO $$
BEGIN
    IF EXISTS (SELECT FROM event_versions WHERE fields ? 'status_before_rollback') THEN
        PERFORM begin_repair('Drafts are drafts again in the history of events');
        UPDATE event_versions
        SET fields = fields - 'status_before_rollback'
            || jsonb_build_object('status', fields -> 'status_before_rollback')
        WHERE fields ? 'status_before_rollback';
    END IF;
END;
$$;

-- Fills the local time of the events that are there, a few at a time, so that no sale waits long.
-- From then on it is one of the fields of an event that can be edited.
-- transactional: false
-- depends: 0015_time_zones

-- Setting the zone, unlike timezone(), does not take CET for a zone without summer time.
CREATE OR REPLACE FUNCTION pg_temp.local_time(
    p_at timestamptz,
    p_time_zone text
)
RETURNS timestamp
LANGUAGE plpgsql
VOLATILE
SET timezone = 'UTC'
AS $$
BEGIN
    PERFORM set_config('timezone', p_time_zone, true);
    RETURN p_at::timestamp;
EXCEPTION
    WHEN invalid_parameter_value THEN
        RETURN timezone('UTC', p_at);
END;
$$;

DO $$
DECLARE
    v_last bigint := 0;
BEGIN
    LOOP
        -- Locked in the order in which a batch of bookings locks events.
        WITH slice AS (
            SELECT id
            FROM events
            WHERE id > v_last
            ORDER BY id
            LIMIT 500
            FOR NO KEY UPDATE
        ),
        filled AS (
            UPDATE events
            SET local_date_time = pg_temp.local_time(date_time, time_zone)
            FROM slice
            WHERE events.id = slice.id
                AND events.local_date_time IS NULL
        )
        SELECT max(id) INTO v_last FROM slice;
        EXIT WHEN v_last IS NULL;
        COMMIT;
    END LOOP;
END;
$$;

-- Validating takes no lock that a sale waits for, and then SET NOT NULL reads nothing. Dropped
-- first, because a run that failed here is begun again. Each statement is a transaction of its own,
-- which squawk does not know.
ALTER TABLE events
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT IF EXISTS events_local_date_time_filled,
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT IF EXISTS events_local_date_time_near_date_time,
    ADD CONSTRAINT events_local_date_time_filled CHECK (local_date_time IS NOT NULL) NOT VALID,
    ADD CONSTRAINT events_local_date_time_near_date_time CHECK (
        local_date_time BETWEEN timezone('UTC', date_time) - interval '12 hours' AND timezone('UTC', date_time) + interval '14 hours'
    ) NOT VALID;

-- squawk-ignore constraint-missing-not-valid
ALTER TABLE events VALIDATE CONSTRAINT events_local_date_time_filled;

-- squawk-ignore constraint-missing-not-valid
ALTER TABLE events VALIDATE CONSTRAINT events_local_date_time_near_date_time;

ALTER TABLE events ALTER COLUMN local_date_time SET NOT NULL;

-- squawk-ignore ban-drop-constraint
ALTER TABLE events DROP CONSTRAINT events_local_date_time_filled;

CREATE OR REPLACE FUNCTION editable_fields(p_event events)
RETURNS jsonb
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN jsonb_build_object(
    'title', p_event.title,
    'description', p_event.description,
    'venue', p_event.venue,
    -- As an instant in UTC, whatever the session's time zone.
    'date_time', to_char(timezone('UTC', p_event.date_time), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'time_zone', p_event.time_zone,
    'local_date_time', to_char(p_event.local_date_time, 'YYYY-MM-DD"T"HH24:MI:SS'),
    'capacity', p_event.capacity,
    'price', p_event.price::text,
    'max_tickets_per_booking', p_event.max_tickets_per_booking,
    'status', p_event.status
);

COMMENT ON FUNCTION editable_fields(events) IS
    'The fields of an event that can be edited, by column name: the only list of them. The log, '
    'the history and update_event() use it.';

CREATE OR REPLACE TRIGGER events_raise_version
BEFORE UPDATE OF
    title, description, venue, date_time, time_zone, local_date_time, capacity, price,
    max_tickets_per_booking, status
ON events
FOR EACH ROW EXECUTE FUNCTION raise_event_version();

COMMENT ON TRIGGER events_raise_version ON events IS 'An edit by hand raises the version, too.';

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
    v_given events := jsonb_populate_record(NULL::events, p_fields);
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
    INSERT INTO events (
        title, description, venue, date_time, time_zone, local_date_time, capacity, price,
        max_tickets_per_booking
    )
    VALUES (
        v_given.title,
        coalesce(v_given.description, ''),
        v_given.venue,
        v_given.date_time,
        v_given.time_zone,
        v_given.local_date_time,
        v_given.capacity,
        v_given.price,
        coalesce(v_given.max_tickets_per_booking, 10)
    )
    RETURNING * INTO v_event;
    PERFORM act_as(NULL);
    RETURN v_event;
END;
$$;

COMMENT ON FUNCTION create_event(jsonb, bigint) IS
    'Creates an active event from its fields, by name of column as in editable_fields(), and '
    'returns it. local_date_time may be left out: it then follows from date_time by the rules that '
    'the database has. Raises TK015 when it would start in the past, TK020 when the actor is '
    'not an admin. The CHECKs of events refuse a row that is wrong in itself.';

REVOKE EXECUTE ON FUNCTION create_event(jsonb, bigint) FROM PUBLIC;

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
        PERFORM stand_on_own_commit();
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
    UPDATE events
    SET title = v_new.title,
        description = v_new.description,
        venue = v_new.venue,
        date_time = v_new.date_time,
        time_zone = v_new.time_zone,
        local_date_time = v_new.local_date_time,
        capacity = v_new.capacity,
        price = v_new.price,
        max_tickets_per_booking = v_new.max_tickets_per_booking,
        status = v_new.status
    WHERE id = p_event_id;
    PERFORM act_as(NULL);
    PERFORM set_config('marquee.local_date_time_given', '', true);
    -- Read again: cancelling has changed the counters as well.
    SELECT events.* INTO v_new FROM events WHERE id = p_event_id;
    RETURN v_new;
END;
$$;

COMMENT ON FUNCTION update_event(bigint, jsonb, integer, bigint) IS
    'Edits an event and returns it. p_fields: by name of column as in editable_fields(); a field '
    'that is missing stays as it is, but local_date_time then follows date_time and time_zone by '
    'the rules that the database has. p_expected_version: refuse (TK018) when somebody edited it '
    'since; NULL: do not look. Raises TK002 unknown, TK013 no longer active, TK014 capacity below '
    'tickets sold, TK015 moved into the past, TK020 when the actor is not an admin. Status '
    'cancelled cancels its bookings and unused tickets. A new price touches no existing booking. Changing '
    'nothing raises no version.';

REVOKE EXECUTE ON FUNCTION update_event(bigint, jsonb, integer, bigint) FROM PUBLIC;

CREATE OR REPLACE FUNCTION event_as_of(
    p_event_id bigint,
    p_at timestamptz
)
RETURNS SETOF events
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    SELECT past.*
    FROM events
    JOIN LATERAL (
        SELECT *
        FROM event_versions
        WHERE event_id = events.id
            AND at <= p_at
        ORDER BY version DESC
        LIMIT 1
    ) AS version ON true
    LEFT JOIN LATERAL (
        SELECT *
        FROM event_figures
        WHERE event_id = events.id
            AND at <= p_at
        ORDER BY at DESC
        LIMIT 1
    ) AS figures ON true
    CROSS JOIN LATERAL jsonb_populate_record(
        NULL::events,
        version.fields || jsonb_build_object(
            'id', events.id,
            'version', version.version,
            'created_at', events.created_at,
            'updated_at', version.at,
            'counted_at', figures.at,
            -- Versions older than the column local_date_time do not have it.
            'local_date_time', coalesce(
                (version.fields ->> 'local_date_time')::timestamp,
                timezone(
                    usable_time_zone(version.fields ->> 'time_zone', events.utc_offset),
                    (version.fields ->> 'date_time')::timestamptz
                )
            ),
            'bookings_count', coalesce(figures.bookings_count, 0),
            'tickets_sold', coalesce(figures.tickets_sold, 0),
            'revenue', coalesce(figures.revenue, 0),
            'tickets_checked_in', coalesce(figures.tickets_checked_in, 0),
            'search_text',
            search_text((version.fields ->> 'title') || ' ' || (version.fields ->> 'venue'))
        )
    ) AS past
    WHERE events.id = p_event_id;
$$;

COMMENT ON FUNCTION event_as_of(bigint, timestamptz) IS
    'The row of an event as it was at a time: fields and counters. No row: it did not exist yet.';

REVOKE EXECUTE ON FUNCTION event_as_of(bigint, timestamptz) FROM PUBLIC;

CREATE OR REPLACE FUNCTION search_events(
    p_search text,
    p_from timestamptz,
    p_to timestamptz,
    p_from_date date,
    p_to_date date
)
RETURNS TABLE (event_id bigint, date_time timestamptz, match_class integer)
LANGUAGE plpgsql
STABLE
PARALLEL UNSAFE
SET search_path = public, pg_temp
-- Which index is best depends on the words, so a plan is made for each search.
SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
DECLARE
    -- How many of the soonest matches are ranked.
    v_most_ranked constant integer := 500;
    -- How many events are read when no index can find any of the words.
    v_most_read constant integer := 10000;
    v_typed constant text[] := typed_words(p_search);
    v_contained constant text[] := ARRAY(SELECT like_contains(word) FROM unnest(v_typed) AS word);
    v_word_starts constant text[] := ARRAY(SELECT '% ' || ltrim(like_contains(word), '%') FROM unnest(v_typed) AS word);
    v_corrected text[];
    v_to timestamptz := p_to;
BEGIN
    IF NOT has_trigram(v_typed[1]) THEN
        v_to := least(p_to, date_time_after_events(p_from, v_most_read));
    END IF;
    RETURN QUERY
    SELECT
        id,
        date_time,
        CASE
            WHEN ' ' || search_text(title) LIKE ALL (v_word_starts) THEN 1
            WHEN search_text(title) LIKE ALL (v_contained) THEN 2
            ELSE 3
        END
    FROM (
        SELECT id, date_time::timestamptz, title
        FROM events
        WHERE status = 'active'
            AND search_text LIKE v_contained[1]
            AND search_text LIKE ALL (v_contained[2:])
            AND date_time >= p_from
            AND date_time < v_to
            AND local_date_time >= coalesce(p_from_date, '-infinity')
            AND local_date_time < coalesce(p_to_date + 1, 'infinity')
        ORDER BY events.date_time, id
        LIMIT v_most_ranked
    ) AS soonest;
    IF FOUND THEN
        RETURN;
    END IF;

    SELECT array_agg(corrected_pattern(word) ORDER BY char_length(word) DESC)
    INTO v_corrected
    FROM (
        SELECT word
        FROM unnest(search_words(array_to_string(v_typed, ' '))) AS word
        ORDER BY char_length(word) DESC
        LIMIT 8
    ) AS longest;
    IF v_corrected IS NULL OR array_position(v_corrected, NULL) IS NOT NULL THEN
        RETURN;
    END IF;
    -- The index can find the pattern only if it can find each of its alternatives.
    v_to := p_to;
    IF v_corrected[1] ~ '(^|\|).{0,2}(\||$)' THEN
        v_to := least(p_to, date_time_after_events(p_from, v_most_read));
    END IF;
    RETURN QUERY
    SELECT id, date_time::timestamptz, 4
    FROM events
    WHERE status = 'active'
        AND search_text ~ v_corrected[1]
        AND search_text ~ ALL (v_corrected[2:])
        AND date_time >= p_from
        AND date_time < v_to
        AND local_date_time >= coalesce(p_from_date, '-infinity')
        AND local_date_time < coalesce(p_to_date + 1, 'infinity')
    ORDER BY events.date_time, id
    LIMIT v_most_ranked;
END;
$$;

COMMENT ON FUNCTION search_events(text, timestamptz, timestamptz, date, date) IS
    'The 500 soonest active events with every word of the search, each with its match class: 1 '
    'every word begins a word of the title, 2 the title contains every word, 3 title and venue '
    'do, 4 only after correcting typing errors. A search without a word of three letters looks '
    'through the next 10,000 events. The dates, if given, are whole days in each event''s zone.';

REVOKE EXECUTE ON FUNCTION search_events(text, timestamptz, timestamptz, date, date) FROM PUBLIC;

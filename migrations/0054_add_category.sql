-- An event may be in a category, and the public list can be filtered by it.
-- depends: 0053_calendars

-- A reader of the view locks the view first and then the table: see README.md, Locks.
LOCK TABLE event_details IN ACCESS EXCLUSIVE MODE;

CREATE DOMAIN event_category AS text
    CONSTRAINT event_category_not_blank CHECK (NOT is_blank(VALUE))
    CONSTRAINT event_category_within_40 CHECK (char_length(VALUE) <= 40)
    CONSTRAINT event_category_one_line CHECK (NOT has_control_characters(VALUE));
COMMENT ON DOMAIN event_category IS
    'What kind of event it is, in a word or two of the house: Concert, Comedy, Film.';

ALTER TABLE events ADD COLUMN category event_category;
COMMENT ON COLUMN events.category IS
    'What kind of event it is, for the filter of the public list. Two spellings that folded_text() '
    'makes the same are one category. NULL: it is in none.';

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
    'category', p_event.category
);

CREATE OR REPLACE TRIGGER events_raise_version
BEFORE UPDATE OF
    title, description, venue, date_time, time_zone, local_date_time, capacity, price,
    max_tickets_per_booking, status, doors_open, payment_note, cancellation_reason, end_time,
    address, minimum_age, access_note, organiser_contact, poster_seed, category
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
    category
FROM events;
COMMENT ON COLUMN event_details.category IS
    'What kind of event it is. NULL: it is in no category.';

CREATE FUNCTION search_events(
    p_search text,
    p_from timestamptz,
    p_to timestamptz,
    p_from_date date,
    p_to_date date,
    p_category text
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
    v_contained constant text[] := search_patterns(p_search);
    v_word_starts constant text[] := ARRAY(
        SELECT '% ' || ltrim(pattern, '% ') FROM unnest(v_contained) AS pattern
    );
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
            WHEN ' ' || title_text LIKE ALL (v_word_starts) THEN 1
            WHEN title_text LIKE ALL (v_contained) THEN 2
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
            AND (
                p_category IS NULL
                OR (category IS NOT NULL AND folded_text(category) = folded_text(p_category))
            )
        ORDER BY events.date_time, id
        LIMIT v_most_ranked
    ) AS soonest
    -- OFFSET keeps this a value: search_text() is what a search spends most of its time on.
    CROSS JOIN LATERAL (SELECT search_text(title) AS title_text OFFSET 0) AS folded;
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
        AND (
            p_category IS NULL
            OR (category IS NOT NULL AND folded_text(category) = folded_text(p_category))
        )
    ORDER BY events.date_time, id
    LIMIT v_most_ranked;
END;
$$;
COMMENT ON FUNCTION search_events(text, timestamptz, timestamptz, date, date, text) IS
    'The 500 soonest active events with every word of the search, each with its match class: 1 '
    'every word begins a word of the title, 2 the title contains every word, 3 title and venue '
    'do, 4 only after correcting typing errors. A search without a word of three letters looks '
    'through the next 10,000 events. The dates, if given, are whole days in each event''s zone. '
    'p_category NULL: of any category.';
GRANT EXECUTE ON FUNCTION search_events(text, timestamptz, timestamptz, date, date, text)
    TO ticketing_api;

CREATE OR REPLACE FUNCTION search_events(
    p_search text,
    p_from timestamptz,
    p_to timestamptz,
    p_from_date date,
    p_to_date date
)
RETURNS TABLE (event_id bigint, date_time timestamptz, match_class integer)
LANGUAGE sql
STABLE
PARALLEL UNSAFE
SET search_path = public, pg_temp
AS $$
    SELECT * FROM search_events(p_search, p_from, p_to, p_from_date, p_to_date, NULL);
$$;
COMMENT ON FUNCTION search_events(text, timestamptz, timestamptz, date, date) IS
    'search_events() of any category.';

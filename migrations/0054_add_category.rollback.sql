-- Takes 0054_add_category back.

LOCK TABLE event_details IN ACCESS EXCLUSIVE MODE;

DROP FUNCTION search_events(text, timestamptz, timestamptz, date, date, text);

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
    ORDER BY events.date_time, id
    LIMIT v_most_ranked;
END;
$$;
COMMENT ON FUNCTION search_events IS
    'The 500 soonest active events with every word of the search, each with its match class: 1 '
    'every word begins a word of the title, 2 the title contains every word, 3 title and venue '
    'do, 4 only after correcting typing errors. A search without a word of three letters looks '
    'through the next 10,000 events. The dates, if given, are whole days in each event''s zone.';

DROP VIEW event_sales;
DROP VIEW event_details;
CREATE VIEW event_details AS
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
    poster_seed
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
COMMENT ON COLUMN event_details.bookable IS
    'Active and not yet started. A sold-out event stays bookable, because a customer may cancel.';
COMMENT ON COLUMN event_details.tickets_available IS
    'How many tickets can still be sold; 0 is sold out.';
COMMENT ON COLUMN event_details.bookings IS 'Confirmed bookings.';
COMMENT ON COLUMN event_details.tickets_sold IS 'Tickets of confirmed bookings.';
COMMENT ON COLUMN event_details.percent_sold IS 'Rounded down: 100.0 is sold out.';
COMMENT ON COLUMN event_details.tickets_checked_in IS 'Used tickets of confirmed bookings.';
COMMENT ON COLUMN event_details.no_shows IS
    'Tickets sold and not used, once the event has started. NULL: it has not.';
COMMENT ON COLUMN event_details.revenue IS 'Total amount of confirmed bookings.';
GRANT SELECT ON event_details TO ticketing_api, ticketing_reader;

CREATE VIEW event_sales AS
SELECT
    event_id,
    title,
    venue,
    date_time,
    time_zone,
    status,
    capacity,
    bookings,
    tickets_sold,
    percent_sold,
    tickets_checked_in,
    no_shows,
    revenue
FROM event_details;

COMMENT ON VIEW event_sales IS
    'How each event sells: bookings, tickets and revenue of confirmed bookings.';
COMMENT ON COLUMN event_sales.bookings IS 'Confirmed bookings.';
COMMENT ON COLUMN event_sales.tickets_sold IS 'Tickets of confirmed bookings.';
COMMENT ON COLUMN event_sales.percent_sold IS 'Rounded down: 100.0 is sold out.';
COMMENT ON COLUMN event_sales.tickets_checked_in IS 'Used tickets of confirmed bookings.';
COMMENT ON COLUMN event_sales.no_shows IS
    'Tickets sold and not used, once the event has started. NULL: it has not.';
COMMENT ON COLUMN event_sales.revenue IS 'Total amount of confirmed bookings.';
GRANT SELECT ON event_sales TO ticketing_api, ticketing_reader;

CREATE OR REPLACE TRIGGER events_raise_version
BEFORE UPDATE OF
    title, description, venue, date_time, time_zone, local_date_time, capacity, price,
    max_tickets_per_booking, status, doors_open, payment_note, cancellation_reason, end_time,
    address, minimum_age, access_note, organiser_contact, poster_seed
ON events
FOR EACH ROW EXECUTE FUNCTION raise_event_version();

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
    'poster_seed', p_event.poster_seed
);

ALTER TABLE events DROP COLUMN category;
DROP DOMAIN event_category;

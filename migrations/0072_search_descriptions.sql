-- A search that finds no title and no venue looks into the descriptions of the soonest events.
-- depends: 0071_event_history

CREATE OR REPLACE FUNCTION search_events(
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
    -- How many descriptions are read, and how much of each.
    v_most_described constant integer := 500;
    v_described_length constant integer := 500;
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

    -- Two letters are in too many descriptions to mean anything.
    IF has_trigram(v_typed[1]) THEN
        RETURN QUERY
        SELECT id, date_time, 4
        FROM (
            SELECT id, date_time::timestamptz, search_text, description
            FROM events
            WHERE status = 'active'
                AND date_time >= p_from
                AND date_time < p_to
                AND local_date_time >= coalesce(p_from_date, '-infinity')
                AND local_date_time < coalesce(p_to_date + 1, 'infinity')
                AND (
                    p_category IS NULL
                    OR (category IS NOT NULL AND folded_text(category) = folded_text(p_category))
                )
            ORDER BY events.date_time, id
            LIMIT v_most_described
        ) AS soonest
        -- Nearly folded_text(), in a tenth of the time: separators and rare accents stay, and there
        -- are no spaces beside ideographs.
        CROSS JOIN LATERAL translate(
            lower(
                unaccent('public.unaccent'::regdictionary, left(description, v_described_length))
            ),
            U&'\03C2''\2019',
            U&'\03C3'
        ) AS described
        WHERE search_text || ' ' || described
            LIKE ALL (ARRAY(SELECT like_contains(btrim(word)) FROM unnest(v_typed) AS word))
        ORDER BY date_time, id
        LIMIT v_most_ranked;
        IF FOUND THEN
            RETURN;
        END IF;
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
    'do, 4 only together with the first 500 characters of the description, which are read of the '
    'next 500 events, or else only after correcting typing errors. A search without a word of '
    'three letters looks through the next 10,000 events. The dates, if given, are whole days in '
    'each event''s zone. p_category NULL: of any category.';

-- Searching active events. Two stages: events that contain every word typed; only when there
-- is none, events that contain every word after typing errors are put right.

CREATE FUNCTION like_contains(p_text text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN '%' || regexp_replace(p_text, '([%_\\])', '\\\1', 'g') || '%';
COMMENT ON FUNCTION like_contains(text) IS 'A LIKE pattern for text that contains exactly this text.';

CREATE FUNCTION correct_word(p_word text)
RETURNS text[]
LANGUAGE plpgsql
STABLE
PARALLEL SAFE
AS $$
BEGIN
    -- A mistyped long word shares fewer trigrams than % asks for by default. Not as a SET clause
    -- of the function: who restores a dump may not give one, unless pg_trgm is loaded by then.
    PERFORM set_config('pg_trgm.similarity_threshold', '0.2', true);
    RETURN (
        WITH allowed AS (
            SELECT CASE
                WHEN char_length(p_word) < 3 THEN 0
                WHEN char_length(p_word) < 6 THEN 1
                ELSE 2
            END AS errors
        ),
        candidates AS (
            SELECT word FROM event_words WHERE one_letter_shorter && one_letter_shorter(p_word)
            UNION
            SELECT word FROM event_words WHERE char_length(p_word) >= 6 AND word % p_word
        ),
        -- What was meant, if two neighbouring letters were swapped: that counts as one error.
        swapped AS (
            SELECT overlay(p_word PLACING substr(p_word, place + 1, 1) || substr(p_word, place, 1) FROM place FOR 2) AS word
            FROM generate_series(1, char_length(p_word) - 1) AS place
        ),
        distances AS (
            SELECT
                candidates.word,
                least(
                    levenshtein_less_equal(p_word, candidates.word, 2),
                    1 + (SELECT min(levenshtein_less_equal(swapped.word, candidates.word, 1)) FROM swapped)
                ) AS errors
            FROM candidates
            WHERE abs(char_length(candidates.word) - char_length(p_word)) <= 2
        )
        SELECT coalesce(array_agg(word ORDER BY word), '{}')
        FROM distances
        WHERE errors <= (SELECT errors FROM allowed)
            AND errors = (SELECT min(errors) FROM distances)
    );
END;
$$;
COMMENT ON FUNCTION correct_word(text) IS 'The words of active events nearest to a mistyped one: up to one error (insertion, deletion, substitution, swapped neighbours) in 3 to 5 letters, two from 6 on. Empty when none is near.';
REVOKE EXECUTE ON FUNCTION correct_word(text) FROM PUBLIC;

CREATE FUNCTION corrected_pattern(p_word text)
RETURNS text
LANGUAGE sql
STABLE
PARALLEL SAFE
AS $$
    SELECT CASE
        WHEN EXISTS (SELECT FROM event_words WHERE word LIKE like_contains(p_word)) THEN p_word
        ELSE (SELECT string_agg(near, '|') FROM unnest(correct_word(p_word)) AS near)
    END;
$$;
COMMENT ON FUNCTION corrected_pattern(text) IS 'A regular expression for the word, or for the words nearest to it when no active event contains it. NULL when none is near. The word consists of letters and digits only.';
REVOKE EXECUTE ON FUNCTION corrected_pattern(text) FROM PUBLIC;

CREATE FUNCTION search_events(
    p_search text,
    p_from timestamptz,
    p_to timestamptz,
    p_from_date date,
    p_to_date date
)
RETURNS TABLE (event_id bigint, date_time timestamptz, match_class integer)
LANGUAGE plpgsql
STABLE
PARALLEL SAFE
-- Which index is best depends on the words, so a plan is made for each search.
SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
DECLARE
    -- Longest first: the longest word is the most selective and goes through the index.
    v_typed constant text[] := ARRAY(
        SELECT word
        FROM regexp_split_to_table(search_text(p_search), '\s+') AS word
        WHERE word <> ''
        ORDER BY char_length(word) DESC
    );
    v_contained constant text[] := ARRAY(SELECT like_contains(word) FROM unnest(v_typed) AS word);
    v_word_starts constant text[] := ARRAY(SELECT '% ' || ltrim(like_contains(word), '%') FROM unnest(v_typed) AS word);
    v_corrected text[];
BEGIN
    RETURN QUERY
    SELECT
        id,
        date_time::timestamptz,
        CASE
            WHEN ' ' || search_text(title) LIKE ALL (v_word_starts) THEN 1
            WHEN search_text(title) LIKE ALL (v_contained) THEN 2
            ELSE 3
        END
    FROM events
    WHERE status = 'active'
        AND search_text LIKE v_contained[1]
        AND search_text LIKE ALL (v_contained)
        AND date_time >= p_from
        AND date_time < p_to
        AND local_date_time >= coalesce(p_from_date, '-infinity')
        AND local_date_time < coalesce(p_to_date + 1, 'infinity');
    IF FOUND THEN
        RETURN;
    END IF;

    SELECT array_agg(corrected_pattern(word) ORDER BY char_length(word) DESC)
    INTO v_corrected
    FROM unnest(search_words(p_search)) AS word;
    IF v_corrected IS NULL OR array_position(v_corrected, NULL) IS NOT NULL THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT id, date_time::timestamptz, 4
    FROM events
    WHERE status = 'active'
        AND search_text ~ v_corrected[1]
        AND search_text ~ ALL (v_corrected)
        AND date_time >= p_from
        AND date_time < p_to
        AND local_date_time >= coalesce(p_from_date, '-infinity')
        AND local_date_time < coalesce(p_to_date + 1, 'infinity');
END;
$$;
COMMENT ON FUNCTION search_events(text, timestamptz, timestamptz, date, date) IS 'Active events with every word of the search, each with its match class: 1 every word begins a word of the title, 2 the title contains every word, 3 title and venue do, 4 only after correcting typing errors. The dates, if given, are whole days in each event''s zone.';
REVOKE EXECUTE ON FUNCTION search_events(text, timestamptz, timestamptz, date, date) FROM PUBLIC;

CREATE FUNCTION events_containing(p_search text)
RETURNS SETOF bigint
LANGUAGE plpgsql
STABLE
PARALLEL SAFE
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    v_contained constant text[] := ARRAY(
        SELECT like_contains(word)
        FROM regexp_split_to_table(search_text(p_search), '\s+') AS word
        ORDER BY char_length(word) DESC
    );
BEGIN
    RETURN QUERY
    SELECT id
    FROM events
    WHERE events.search_text LIKE v_contained[1]
        AND events.search_text LIKE ALL (v_contained);
END;
$$;
COMMENT ON FUNCTION events_containing(text) IS 'The ids of events of any status whose title and venue contain every word of the search as typed, for admins.';
REVOKE EXECUTE ON FUNCTION events_containing(text) FROM PUBLIC;

-- Takes 0006_bound_searches back.

CREATE OR REPLACE FUNCTION events_containing(p_search text)
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
        AND (p_from_date IS NULL OR timezone(time_zone, date_time)::date >= p_from_date)
        AND (p_to_date IS NULL OR timezone(time_zone, date_time)::date <= p_to_date);
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
        AND (p_from_date IS NULL OR timezone(time_zone, date_time)::date >= p_from_date)
        AND (p_to_date IS NULL OR timezone(time_zone, date_time)::date <= p_to_date);
END;
$$;
COMMENT ON FUNCTION search_events(text, timestamptz, timestamptz, date, date) IS 'Active events with every word of the search, each with its match class: 1 every word begins a word of the title, 2 the title contains every word, 3 title and venue do, 4 only after correcting typing errors. The dates, if given, are whole days in each event''s zone.';
REVOKE EXECUTE ON FUNCTION search_events(text, timestamptz, timestamptz, date, date) FROM PUBLIC;

CREATE OR REPLACE FUNCTION corrected_pattern(p_word text)
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

CREATE OR REPLACE FUNCTION correct_word(p_word text)
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

DROP FUNCTION date_time_after_events(timestamptz, integer);
DROP FUNCTION is_in_coming_event(text);
DROP FUNCTION typed_words(text);
DROP FUNCTION has_trigram(text);

CREATE OR REPLACE FUNCTION keep_event_words()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_gone text[] := '{}';
    v_come text[] := '{}';
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM change_event_words('{}', array_agg(word))
        FROM new_rows, unnest(search_words(title || ' ' || venue)) AS word
        WHERE status = 'active';
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM change_event_words(array_agg(word), '{}')
        FROM old_rows, unnest(search_words(title || ' ' || venue)) AS word
        WHERE status = 'active';
    ELSE
        IF OLD.status = 'active' THEN
            v_gone := search_words(OLD.title || ' ' || OLD.venue);
        END IF;
        IF NEW.status = 'active' THEN
            v_come := search_words(NEW.title || ' ' || NEW.venue);
        END IF;
        PERFORM change_event_words(
            ARRAY(SELECT unnest(v_gone) EXCEPT SELECT unnest(v_come)),
            ARRAY(SELECT unnest(v_come) EXCEPT SELECT unnest(v_gone))
        );
    END IF;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION keep_event_words() IS 'Trigger: keeps event_words equal to the words of active events.';
REVOKE EXECUTE ON FUNCTION keep_event_words() FROM PUBLIC;

CREATE OR REPLACE FUNCTION change_event_words(
    p_gone text[],
    p_come text[]
)
RETURNS void
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    -- This statement takes the rows of all the words, in their order, so that two writers cannot
    -- deadlock: what goes is added 0 times, and taken away below.
    INSERT INTO event_words (word, events_count)
    SELECT word, count(*) FILTER (WHERE come)
    FROM (
        SELECT word, true AS come FROM unnest(p_come) AS word
        UNION ALL
        SELECT word, false FROM unnest(p_gone) AS word
    ) AS change
    WHERE char_length(word) <= 60
    GROUP BY word
    ORDER BY word
    ON CONFLICT (word) DO UPDATE SET events_count = event_words.events_count + excluded.events_count;

    UPDATE event_words
    SET events_count = event_words.events_count - gone.events_count
    FROM (SELECT word, count(*) AS events_count FROM unnest(p_gone) AS word GROUP BY word) AS gone
    WHERE event_words.word = gone.word;
    DELETE FROM event_words WHERE word = ANY (p_gone) AND events_count = 0;
END;
$$;
COMMENT ON FUNCTION change_event_words(text[], text[]) IS 'Counts each of the words that are gone once less and each that has come once more, as often as it is in its array.';
REVOKE EXECUTE ON FUNCTION change_event_words(text[], text[]) FROM PUBLIC;

ALTER TABLE event_words DROP COLUMN one_letter_shorter;

CREATE OR REPLACE FUNCTION one_letter_shorter(p_word text)
RETURNS text[]
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN ARRAY(
    SELECT DISTINCT overlay(p_word PLACING '' FROM position FOR 1)
    FROM generate_series(1, char_length(p_word)) AS position
    UNION
    SELECT p_word
);
COMMENT ON FUNCTION one_letter_shorter(text) IS 'The word and what is left of it after leaving out any one letter. Two words that one insertion, deletion, substitution or swap of neighbours turns into each other always share one of these.';

ALTER TABLE event_words ALTER COLUMN word TYPE text COLLATE "default";
ALTER TABLE event_words
    ADD COLUMN one_letter_shorter text[] NOT NULL
    GENERATED ALWAYS AS (one_letter_shorter(word)) STORED;
CREATE INDEX event_words_one_letter_shorter ON event_words USING gin (one_letter_shorter);
COMMENT ON TABLE event_words IS 'Distinct words of active events, as searches compare them; kept by triggers on events.';
COMMENT ON COLUMN event_words.events_count IS 'In how many active events the word stands; at 0 the row goes.';
COMMENT ON COLUMN event_words.one_letter_shorter IS 'The word, and it without any one letter: words one typing error apart share one of these.';
COMMENT ON INDEX event_words_one_letter_shorter IS 'For correct_word: words one typing error away.';
COMMENT ON INDEX event_words_trigrams IS 'For correct_word: longer words further away.';

-- Typing errors in a search: the words of coming events that are nearest to a word that none of
-- them contains. event_words has all words of titles and venues, with an index for near ones.

CREATE FUNCTION is_in_coming_event(p_word text)
RETURNS boolean
LANGUAGE plpgsql
STABLE
PARALLEL SAFE
SET search_path = public, pg_temp
-- Which index is best depends on the word, so a plan is made for each word.
SET plan_cache_mode = force_custom_plan
AS $$
BEGIN
    RETURN EXISTS (
        SELECT
        FROM events
        WHERE status = 'active'
            AND date_time > now()
            AND search_text LIKE like_contains(p_word)
    );
END;
$$;
COMMENT ON FUNCTION is_in_coming_event IS
    'True when the title or venue of an active event that has not started contains this word.';

-- Not parallel: set_config is refused while a parallel query runs, in its leader as well.
CREATE FUNCTION correct_word(p_word text)
RETURNS text[]
LANGUAGE plpgsql
STABLE
PARALLEL UNSAFE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_allowed constant integer := CASE
        WHEN char_length(p_word) < 3 THEN 0
        WHEN char_length(p_word) < 6 THEN 1
        ELSE 2
    END;
    v_near text[];
    v_coming text[];
BEGIN
    -- A mistyped long word shares fewer trigrams than % asks for by default. This is not a SET
    -- clause of the function: restoring a dump would then fail unless pg_trgm is loaded.
    PERFORM set_config('pg_trgm.similarity_threshold', '0.2', true);
    FOR v_near IN
        WITH candidates AS (
            SELECT word FROM event_words WHERE one_letter_shorter && one_letter_shorter(p_word)
            UNION
            SELECT word FROM event_words WHERE char_length(p_word) >= 6 AND word % p_word
        ),
        -- What was meant, if two neighbouring letters were swapped: that counts as one error.
        swapped AS (
            SELECT overlay(
                p_word
                PLACING substr(p_word, place + 1, 1) || substr(p_word, place, 1)
                FROM place FOR 2
            ) AS word
            FROM generate_series(1, char_length(p_word) - 1) AS place
        ),
        distances AS (
            SELECT
                candidates.word,
                least(
                    levenshtein_less_equal(p_word, candidates.word, 2),
                    1 + (
                        SELECT min(levenshtein_less_equal(swapped.word, candidates.word, 1))
                        FROM swapped
                    )
                ) AS errors
            FROM candidates
            WHERE abs(char_length(candidates.word) - char_length(p_word)) <= 2
        )
        SELECT array_agg(word ORDER BY word)
        FROM distances
        WHERE errors <= v_allowed
        GROUP BY errors
        ORDER BY errors
    LOOP
        -- event_words also holds the words of past events, until somebody completes those.
        v_coming := ARRAY(
            SELECT word
            FROM unnest(v_near) WITH ORDINALITY AS near (word, place)
            WHERE is_in_coming_event(word)
            ORDER BY place
        );
        IF cardinality(v_coming) > 0 THEN
            RETURN v_coming;
        END IF;
    END LOOP;
    RETURN '{}';
END;
$$;
COMMENT ON FUNCTION correct_word IS
    'The words of coming events nearest to a mistyped one: up to one error (insertion, deletion, '
    'substitution, swapped neighbours) in 3 to 5 letters, two from 6 on. Empty when none is near.';

CREATE FUNCTION corrected_pattern(p_word text)
RETURNS text
LANGUAGE sql
STABLE
PARALLEL UNSAFE
SET search_path = public, pg_temp
AS $$
    SELECT CASE
        WHEN EXISTS (
            SELECT
            FROM event_words
            WHERE word LIKE like_contains(p_word)
                AND is_in_coming_event(word)
        ) THEN p_word
        ELSE (SELECT string_agg(near, '|') FROM unnest(correct_word(p_word)) AS near)
    END;
$$;
COMMENT ON FUNCTION corrected_pattern IS
    'A regular expression for the word, or for the words nearest to it when no coming event '
    'contains it. NULL when none is near. The word consists of letters and digits only.';

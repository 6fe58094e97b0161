-- Searching active events. A search has two stages. The first finds events that contain every word
-- typed. Only when there is none, the second finds events that contain every word after typing
-- errors are corrected. Each stage reads a bounded part of the catalogue, so that no search,
-- however short or common its words, occupies a connection for long.

CREATE FUNCTION like_contains(p_text text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN '%' || regexp_replace(split_part(p_text, E'\n', 1), '([%_\\])', '\\\1', 'g') || '%';
COMMENT ON FUNCTION like_contains IS
    'A LIKE pattern for text that contains exactly this text. Of a search_text() it takes the '
    'folded text alone, so that processes of the release before can pass one.';

-- pg_trgm finds a word by three characters in a row. It counts two blanks before the first
-- character of a run of letters and digits and one blank after the last, where the pattern shows
-- that the run begins or ends there.
CREATE FUNCTION has_trigram(p_word text)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN p_word ~ '[[:alnum:]]{3}|[^[:alnum:]][[:alnum:]]|[[:alnum:]]{2}[^[:alnum:]]';
COMMENT ON FUNCTION has_trigram IS
    'True when an index of trigrams can find the text that contains this word.';

CREATE FUNCTION typed_words(p_search text)
RETURNS text[]
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN ARRAY(
    SELECT word
    FROM regexp_split_to_table(folded_text(p_search), ' +') AS run
    -- The spaces beside an ideograph are what an index finds it by.
    CROSS JOIN LATERAL regexp_replace(
        run, '^([\u3005-\u3007\u3400-\u9fff\U00020000-\U0003ffff])$', ' \1 '
    ) AS word
    WHERE word <> ''
    GROUP BY word
    ORDER BY has_trigram(word) DESC, char_length(word) DESC, word COLLATE "C"
    LIMIT 8
);
COMMENT ON FUNCTION typed_words IS
    'The distinct words of a search, split at spaces. The first one is the most selective: an '
    'index can find it, and it is the longest of those. The eight most selective words are '
    'returned; any others are ignored.';

CREATE FUNCTION search_patterns(p_search text)
RETURNS text[]
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN ARRAY(
    SELECT like_contains(word)
    FROM unnest(typed_words(p_search)) WITH ORDINALITY AS typed (word, place)
    ORDER BY place
);
COMMENT ON FUNCTION search_patterns IS
    'LIKE patterns for the words of a search, which may stand in any order. An index can look for '
    'the first one only, so a condition names it by itself: column LIKE patterns[1] AND column '
    'LIKE ALL (patterns). Empty, and therefore never true, when nothing was typed.';

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

CREATE FUNCTION date_time_after_events(
    p_from timestamptz,
    p_count integer
)
RETURNS timestamptz
LANGUAGE sql
STABLE
PARALLEL SAFE
SET search_path = public, pg_temp
AS $$
    SELECT coalesce(
        (
            SELECT date_time
            FROM events
            WHERE date_time >= p_from
            ORDER BY date_time
            OFFSET p_count
            LIMIT 1
        ),
        'infinity'
    );
$$;
COMMENT ON FUNCTION date_time_after_events IS
    'The start of the event that follows the next p_count events from p_from on; infinity when '
    'there are fewer events.';

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
COMMENT ON FUNCTION search_events IS
    'The 500 soonest active events with every word of the search, each with its match class: 1 '
    'every word begins a word of the title, 2 the title contains every word, 3 title and venue '
    'do, 4 only after correcting typing errors. A search without a word of three letters looks '
    'through the next 10,000 events. The dates, if given, are whole days in each event''s zone.';

CREATE FUNCTION events_containing(p_search text)
RETURNS SETOF bigint
LANGUAGE plpgsql
STABLE
PARALLEL SAFE
SET search_path = public, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    v_typed constant text[] := typed_words(p_search);
    v_contained constant text[] := search_patterns(p_search);
BEGIN
    -- Without a trigram to look for, the index would be read from end to end, and the table too.
    RETURN QUERY
    SELECT id
    FROM events
    WHERE (NOT has_trigram(v_typed[1]) OR events.search_text LIKE v_contained[1])
        AND events.search_text LIKE ALL (v_contained[1 + has_trigram(v_typed[1])::integer:]);
END;
$$;
COMMENT ON FUNCTION events_containing IS
    'The ids of events of any status whose title and venue contain every word of the search as '
    'typed, for admins.';

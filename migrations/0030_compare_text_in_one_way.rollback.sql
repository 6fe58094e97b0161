-- Takes 0030_compare_text_in_one_way back.

CREATE OR REPLACE FUNCTION search_text(p_text text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN lower(public.unaccent('public.unaccent'::regdictionary, p_text));
COMMENT ON FUNCTION search_text IS 'The text as searches compare it: lower case, without accents.';

CREATE OR REPLACE FUNCTION search_words(p_text text)
RETURNS text[]
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN ARRAY(
    SELECT DISTINCT word
    FROM regexp_split_to_table(search_text(p_text), '[^[:alnum:]]+') AS word
    WHERE word <> ''
    ORDER BY word
);
COMMENT ON FUNCTION search_words IS
    'The distinct words of a text as searches compare them: runs of letters and digits.';

CREATE OR REPLACE FUNCTION like_contains(p_text text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN '%' || regexp_replace(p_text, '([%_\\])', '\\\1', 'g') || '%';
COMMENT ON FUNCTION like_contains IS 'A LIKE pattern for text that contains exactly this text.';

CREATE OR REPLACE FUNCTION typed_words(p_search text)
RETURNS text[]
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN ARRAY(
    SELECT word
    FROM regexp_split_to_table(search_text(p_search), '\s+') AS word
    WHERE word <> ''
    GROUP BY word
    ORDER BY has_trigram(word) DESC, char_length(word) DESC, word COLLATE "C"
    LIMIT 8
);
COMMENT ON FUNCTION typed_words IS
    'The distinct words of a search, split at spaces. The first one is the most selective: an '
    'index can find it, and it is the longest of those. The eight most selective words are '
    'returned; any others are ignored.';

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
    v_word_starts constant text[] := ARRAY(
        SELECT '% ' || ltrim(like_contains(word), '%') FROM unnest(v_typed) AS word
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

CREATE OR REPLACE FUNCTION events_containing(p_search text)
RETURNS SETOF bigint
LANGUAGE plpgsql
STABLE
PARALLEL SAFE
SET search_path = public, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    v_typed constant text[] := typed_words(p_search);
    v_contained constant text[] := ARRAY(SELECT like_contains(word) FROM unnest(v_typed) AS word);
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

COMMENT ON COLUMN events.search_text IS
    'Title and venue as searches compare them: lower case, without accents.';

COMMENT ON COLUMN users.search_text IS
    'Name and phone as searches compare them: lower case, without accents.';

DROP FUNCTION search_patterns;

DROP FUNCTION other_spellings;

DROP FUNCTION folded_text;

-- An update of the columns that it is made from makes a generated column anew.
DO $$
BEGIN
    PERFORM FROM events ORDER BY id FOR NO KEY UPDATE;
    UPDATE events
    SET title = title
    WHERE search_text <> search_text(title || ' ' || venue);
    UPDATE users
    SET name = name
    WHERE search_text <> search_text(name || ' ' || phone);
END;
$$;

LOCK TABLE event_words IN SHARE ROW EXCLUSIVE MODE;

DO $$
BEGIN
    -- A new database has nothing to count, and its log of repairs stays empty.
    IF NOT EXISTS (SELECT FROM events) THEN
        RETURN;
    END IF;
    PERFORM begin_repair('migration 0030, taken back: words of events as searches compared them');
    CREATE TEMPORARY TABLE words_of_active_events ON COMMIT DROP AS
    SELECT word, count(*)::integer AS events_count
    FROM events
    CROSS JOIN LATERAL unnest(search_words(events.title || ' ' || events.venue)) AS word
    WHERE events.status = 'active'
        AND char_length(word) <= 60
    GROUP BY word;
    DELETE FROM event_words
    WHERE NOT EXISTS (
        SELECT FROM words_of_active_events AS truth WHERE truth.word = event_words.word
    );
    INSERT INTO event_words (word, events_count)
    SELECT word, events_count
    FROM words_of_active_events
    ORDER BY word COLLATE "C"
    ON CONFLICT (word) DO UPDATE
    SET events_count = excluded.events_count
    WHERE event_words.events_count <> excluded.events_count;
    PERFORM end_repair();
END;
$$;

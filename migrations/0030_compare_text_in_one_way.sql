-- Every search compares text in one way: also other spellings, other apostrophes and hyphens, words
-- in any order, Greek and Cyrillic, and scripts without spaces. The generated columns of the rows
-- that are there follow in the next migration, a few at a time; until then their rows are found as
-- before, or not by the new spellings.
-- depends: 0029_add_doors_open

CREATE FUNCTION folded_text(p_text text)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE
PARALLEL SAFE
SET search_path = public, pg_temp
AS $$
DECLARE
    -- First the apostrophes of all kinds: NFKD makes a space and an accent of some of them.
    v_text text := translate(
        p_text,
        U&'''`\00B4\02B9\02BB\02BC\02C8\055A\05F3\05F4\2018\2019\201A\201B\2032\2035\FF07\FF40',
        ''
    );
    v_has_ideographs boolean;
BEGIN
    IF octet_length(v_text) = char_length(v_text) THEN
        RETURN btrim(regexp_replace(lower(v_text), '[][\s,;:.!?"(){}<>-]+', ' ', 'g'));
    END IF;
    -- In NFKD an accent is a combining mark. The vowel signs of Thai and of the scripts of India
    -- are combining marks too, but they are letters, so the marks that may go are listed. The last
    -- line lists invisible characters and the Arabic elongation.
    v_text := regexp_replace(
        normalize(v_text, NFKD),
        '[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7'
        '\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed'
        '\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f'
        '\u0640\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]+',
        '',
        'g'
    );
    -- unaccent() knows the letters that NFKD does not take apart: ß is ss, ø is o, æ is ae. It is
    -- only STABLE, because its dictionary can be changed; named in full, the dictionary is found
    -- by builds and restores whatever their search_path.
    v_text := translate(
        lower(unaccent('public.unaccent'::regdictionary, normalize(v_text, NFKC))),
        U&'\03C2''',
        U&'\03C3'
    );
    -- Chinese and Japanese write no spaces between words: each ideograph counts as a word, and so
    -- does each run of kana.
    v_has_ideographs := v_text ~ '[\u3005-\u3007\u3041-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]';
    IF v_has_ideographs THEN
        v_text := regexp_replace(
            v_text,
            '([\u3041-\u309f][\u3041-\u309f\u30fc]*|[\u30a1-\u30fa][\u30a1-\u30fc]*'
            '|[\u3005-\u3007\u3400-\u9fff\U00020000-\U0003ffff])',
            ' \1 ',
            'g'
        );
    END IF;
    v_text := btrim(regexp_replace(
        v_text,
        '[][\s,;:.!?"(){}<>\u00b7\u058a\u05be\u2010-\u2015\u2022\u2027\u2212\u3000-\u3003'
        '\u3008-\u301f\u30a0\u30fb-]+',
        ' ',
        'g'
    ));
    IF v_has_ideographs THEN
        -- An index finds an ideograph by the spaces on both sides, at the ends of the text as well.
        v_text := regexp_replace(
            v_text,
            '^(?=[\u3005-\u3007\u3400-\u9fff\U00020000-\U0003ffff])'
            '|(?<=[\u3005-\u3007\u3400-\u9fff\U00020000-\U0003ffff])$',
            ' ',
            'g'
        );
    END IF;
    RETURN v_text;
END;
$$;
COMMENT ON FUNCTION folded_text IS
    'The text as searches compare it: lower case, without accents and apostrophes, with one space '
    'for each hyphen or other separator and on both sides of each ideograph.';

CREATE FUNCTION other_spellings(
    p_text text,
    p_folded text
)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE
PARALLEL SAFE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_accented constant text := lower(normalize(p_text, NFKC));
    -- Mueller is also found as Müller, Aalborg as Ålborg. Feuer and Queen have one spelling.
    v_without_e constant text := regexp_replace(p_folded, '(?<![aeq])([aou])e', '\1', 'g');
    v_spellings text := v_without_e;
BEGIN
    IF p_folded ~ 'aa' THEN
        v_spellings := concat_ws(
            ' ', v_spellings, replace(p_folded, 'aa', 'a'), replace(v_without_e, 'aa', 'a')
        );
    END IF;
    -- Müller is also found as Mueller, Søren as Soeren, Ålesund as Aalesund.
    IF v_accented ~ '[äöøüå]' THEN
        v_spellings := v_spellings || ' ' || folded_text(
            replace(replace(replace(replace(replace(
                v_accented, 'ä', 'ae'), 'ö', 'oe'), 'ø', 'oe'), 'ü', 'ue'), 'å', 'aa')
        );
    END IF;
    -- Anna-Lena is also found as Annalena, U.S.A. as USA.
    IF v_accented ~ '[[:alpha:]][.\u2010\u2011-][[:alpha:]]' THEN
        v_spellings := v_spellings || ' ' || folded_text(
            regexp_replace(v_accented, '([[:alpha:]])[.\u2010\u2011-](?=[[:alpha:]])', '\1', 'g')
        );
    END IF;
    RETURN (
        SELECT string_agg(word, ' ' ORDER BY word COLLATE "C")
        FROM (
            SELECT word FROM string_to_table(v_spellings, ' ') AS word
            EXCEPT
            SELECT word FROM string_to_table(p_folded, ' ') AS word
        ) AS other
    );
END;
$$;
COMMENT ON FUNCTION other_spellings IS
    'The words under which people also look for a text, besides those of p_folded, its '
    'folded_text(): with ae for ä, with a for ae, without hyphens. NULL when there are none.';

GRANT EXECUTE ON FUNCTION folded_text, other_spellings TO PUBLIC;

CREATE OR REPLACE FUNCTION search_text(p_text text)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE
PARALLEL SAFE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_folded constant text := folded_text(p_text);
BEGIN
    -- Most texts have one spelling.
    IF v_folded !~ '[aou]e|aa'
        AND p_text !~ '[äöøüåÄÖØÜÅ\u0308\u030a\ufb00-\uffef]'
        AND p_text !~ '[[:alpha:]][.\u2010\u2011-][[:alpha:]]'
    THEN
        RETURN v_folded;
    END IF;
    RETURN concat_ws(E'\n ', v_folded, other_spellings(p_text, v_folded));
END;
$$;
COMMENT ON FUNCTION search_text IS
    'What searches look through: the folded text and, after a line break, its other spellings.';

CREATE OR REPLACE FUNCTION search_words(p_text text)
RETURNS text[]
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN ARRAY(
    SELECT DISTINCT word
    FROM regexp_split_to_table(folded_text(p_text), '[^[:alnum:]]+') AS word
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
RETURN '%' || regexp_replace(split_part(p_text, E'\n', 1), '([%_\\])', '\\\1', 'g') || '%';
COMMENT ON FUNCTION like_contains IS
    'A LIKE pattern for text that contains exactly this text. Of a search_text() it takes the '
    'folded text alone, so that processes of the release before can pass one.';

CREATE OR REPLACE FUNCTION typed_words(p_search text)
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

GRANT EXECUTE ON FUNCTION search_patterns TO PUBLIC;

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

COMMENT ON COLUMN events.search_text IS
    'What searches look through: search_text() of title and venue.';

COMMENT ON COLUMN users.search_text IS
    'What searches look through: search_text() of name and phone.';

-- An edit that waits for this lock may still count its words in the old way. The next migration
-- counts once more.
LOCK TABLE event_words IN SHARE ROW EXCLUSIVE MODE;

DO $$
BEGIN
    -- A new database has nothing to count, and its log of repairs stays empty.
    IF NOT EXISTS (SELECT FROM events) THEN
        RETURN;
    END IF;
    PERFORM begin_repair('migration 0030: words of events as searches compare them');
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

-- The words of a search, and the LIKE patterns that find them. An index of trigrams serves only the
-- first pattern, so the words are sorted: those that such an index can find come first.

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

-- The one way in which every search compares text. Titles, venues, names and phones are stored as
-- search_text(); the words that somebody types are compared as folded_text(). Generated columns
-- call these functions, so PUBLIC may execute them.
--
-- The functions of generated columns are PL/pgSQL on purpose: an SQL function is parsed again at
-- every update of a row, and an event's row is updated at every sale.

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

CREATE FUNCTION search_text(p_text text)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE
STRICT
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

CREATE FUNCTION search_words(p_text text)
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

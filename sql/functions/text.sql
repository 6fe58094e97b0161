-- Rules about text that CHECKs, generated columns and searches share.
-- They run with the rights of the role that triggers them, so PUBLIC may execute them.

-- is_blank(), has_control_characters() and has_direction_overrides() are PL/pgSQL on purpose. An
-- SQL function is parsed and inlined again at every update of a row whose CHECK calls it, and an
-- event's row is updated at every sale (12 µs instead of 3 for each CHECK).

-- \s misses several Unicode spaces and every zero-width character, so they are listed: controls,
-- spaces, the braille blank, and what Unicode calls default-ignorable (soft hyphen, Hangul
-- fillers, directional marks, variation selectors, byte order mark, tags).
CREATE FUNCTION is_blank(p_text text)
RETURNS boolean
LANGUAGE plpgsql
IMMUTABLE
PARALLEL SAFE
SET search_path = public, pg_temp
AS $$
BEGIN
    RETURN p_text ~ '^['
        '\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5'
        '\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f'
        '\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a'
        '\U000e0000-\U000e0fff'
        ']*$';
END;
$$;
COMMENT ON FUNCTION is_blank IS
    'True when nothing is left after removing every Unicode space, control and zero-width '
    'character.';

CREATE FUNCTION has_control_characters(p_text text)
RETURNS boolean
LANGUAGE plpgsql
IMMUTABLE
PARALLEL SAFE
SET search_path = public, pg_temp
AS $$
BEGIN
    RETURN p_text ~ '[\u0001-\u001f\u007f-\u009f]';
END;
$$;
COMMENT ON FUNCTION has_control_characters IS
    'True when the text holds a C0 or C1 control character, line breaks and tabs included.';

-- People and events are recognised by their names: at the door, in lists, in mails. With these
-- characters "Ana \u202egnp.exe" is shown as "Ana exe.png".
CREATE FUNCTION has_direction_overrides(p_text text)
RETURNS boolean
LANGUAGE plpgsql
IMMUTABLE
PARALLEL SAFE
SET search_path = public, pg_temp
AS $$
BEGIN
    RETURN p_text ~ '[\u202a-\u202e\u2066-\u2069]';
END;
$$;
COMMENT ON FUNCTION has_direction_overrides IS
    'True when the text holds a character that changes the order in which letters are shown '
    '(U+202A to U+202E, U+2066 to U+2069).';

-- The longest address that SMTP can carry (RFC 5321) has 254 characters. Whether an address exists
-- is decided by the link that is mailed to it.
CREATE FUNCTION is_mail_address(p_text text)
RETURNS boolean
LANGUAGE plpgsql
IMMUTABLE
PARALLEL SAFE
SET search_path = public, pg_temp
AS $$
BEGIN
    RETURN char_length(p_text) <= 254
        AND p_text ~ '^[^@[:space:]]+@[^@[:space:]]+$'
        AND NOT has_control_characters(p_text);
END;
$$;
COMMENT ON FUNCTION is_mail_address IS
    'Whether a text has the form of an address of electronic mail.';

-- Sorted in an order that no version of a library changes, because the result is stored.
CREATE FUNCTION one_letter_shorter(p_word text)
RETURNS text[]
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN ARRAY(
    SELECT shorter
    FROM (
        SELECT overlay(p_word PLACING '' FROM position FOR 1)
        FROM generate_series(1, char_length(p_word)) AS position
        UNION
        SELECT p_word
    ) AS left_over (shorter)
    ORDER BY shorter COLLATE "C"
);
COMMENT ON FUNCTION one_letter_shorter IS
    'The word and what is left of it after leaving out any one letter, in the order of code '
    'points. Two words that one insertion, deletion, substitution or swap of neighbours turns '
    'into each other always share one of these.';

-- Views are for people who need not know a whole phone number or a code that admits.
CREATE FUNCTION mask_phone(p_phone text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN left(p_phone, 3) || repeat('*', greatest(char_length(p_phone) - 5, 0)) || right(p_phone, 2);
COMMENT ON FUNCTION mask_phone IS
    'A phone number with all but its first three and last two characters hidden.';

CREATE FUNCTION mask_ticket_code(p_code text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN left(p_code, 5) || '-*****-*****-*****-*';
COMMENT ON FUNCTION mask_ticket_code IS
    'A ticket code with all but its first group hidden: enough to recognise it, not to be '
    'admitted with it.';

-- Ticket codes: 20 symbols and one Luhn mod N check symbol, in an alphabet without letters that are
-- mistaken for digits (I, L, O) or make words (U), written XXXXX-XXXXX-XXXXX-XXXXX-X. Five symbols
-- belong to the event, fifteen are random (75 bits: with a million codes and a thousand guesses a
-- second, one guess in a million years is right).
-- Algorithm: https://en.wikipedia.org/wiki/Luhn_mod_N_algorithm

CREATE FUNCTION ticket_code_check_symbol(p_symbols text)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE
PARALLEL SAFE
SET search_path = public, pg_temp
AS $$
DECLARE
    -- From the right, every other symbol counts twice, a product as the sum of its base 32
    -- digits. The tables give the value of a symbol by its character code minus that of '0'.
    v_symbols constant bytea := convert_to(p_symbols, 'UTF8');
    v_single constant bytea := '\x00010203040506070809000000000000000a0b0c0d0e0f1011'
        '00121300141500161718191a001b1c1d1e1f';
    v_double constant bytea := '\x00020406080a0c0e1012000000000000001416181a1c1e0103'
        '00050700090b000d0f1113150017191b1d1f';
    v_sum integer := 0;
BEGIN
    FOR place IN 0 .. 18 BY 2 LOOP
        v_sum := v_sum
            + get_byte(v_single, get_byte(v_symbols, place) - 48)
            + get_byte(v_double, get_byte(v_symbols, place + 1) - 48);
    END LOOP;
    RETURN substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', (32 - v_sum % 32) % 32 + 1, 1);
END;
$$;
COMMENT ON FUNCTION ticket_code_check_symbol IS
    'The Luhn mod 32 check symbol for the 20 symbols of a ticket code: finds every single wrong '
    'symbol and nearly every swapped pair.';

CREATE FUNCTION write_ticket_code(p_symbols text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN substr(p_symbols, 1, 5) || '-' || substr(p_symbols, 6, 5) || '-'
    || substr(p_symbols, 11, 5) || '-' || substr(p_symbols, 16, 5) || '-'
    || substr(p_symbols, 21, 1);
COMMENT ON FUNCTION write_ticket_code IS
    'The 21 symbols of a ticket code in groups, as it is stored and shown.';

-- The first group is the event's id in base 32. Codes of one event are neighbours in the unique
-- index, so that selling writes a few pages of it again and again instead of one page a ticket;
-- and a scanner could tell without asking that a code is for another event. Codes of the first
-- release have a random first group, and stay valid.
CREATE FUNCTION ticket_code_group(p_event_id bigint)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', (p_event_id >> 20 & 31)::integer + 1, 1)
    || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', (p_event_id >> 15 & 31)::integer + 1, 1)
    || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', (p_event_id >> 10 & 31)::integer + 1, 1)
    || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', (p_event_id >> 5 & 31)::integer + 1, 1)
    || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', (p_event_id & 31)::integer + 1, 1);
COMMENT ON FUNCTION ticket_code_group IS
    'The first group of an event''s ticket codes: the last 25 bits of its id in base 32.';

-- The randomness comes from a UUID of version 4, written in base64. The function uses 15 of its
-- characters with 6 random bits each, and leaves out those that hold its version and variant. It
-- maps the 64 characters of base64 to 32 symbols, two characters to each symbol, so that each
-- symbol has 5 uniform random bits: lower case becomes upper case, I, L, O and U become 0 to 3, and
-- the characters 0 to 3, + and / become 4 to 9.
CREATE FUNCTION new_ticket_code(p_event_id bigint)
RETURNS text
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
DECLARE
    v_random constant text := encode(uuid_send(gen_random_uuid()), 'base64');
    v_symbols constant text := ticket_code_group(p_event_id) || translate(
        upper(left(v_random, 8) || substr(v_random, 12, 7) COLLATE "C"), 'ILOU0123+/', '0123456789'
    );
BEGIN
    RETURN write_ticket_code(v_symbols || ticket_code_check_symbol(v_symbols));
END;
$$;
COMMENT ON FUNCTION new_ticket_code IS
    'A new unguessable ticket code for this event: 75 random bits and a check symbol.';

-- People and scanners deliver a code with any separators, as part of a link or after a prefix, and
-- a scanner that expects another keyboard exchanges Y and Z and types ß for a hyphen. The check
-- symbol tells which reading is a code. frontend/src/app/check-in/ticket-code.ts reads by the same
-- rule, and both are tested with ticket-code-cases.json beside it.
CREATE FUNCTION ticket_code_readings(p_typed text)
RETURNS text[]
LANGUAGE plpgsql
IMMUTABLE
PARALLEL SAFE
SET search_path = public, pg_temp
AS $$
DECLARE
    -- Besides ß, the symbology identifier that a scanner may put first (]Q1), and hyphens and
    -- spaces as links hold them.
    v_text constant text := upper(
        regexp_replace(normalize(p_typed, NFKC), '^\s*\][a-z][0-9]|[ßẞ]|%2d|%20', '-', 'gi')
            COLLATE "C"
    );
    v_as_typed text[];
    v_exchanged text[];
BEGIN
    WITH part AS (
        SELECT v_text AS text
        UNION ALL
        SELECT match[1]
        FROM regexp_matches(
            v_text,
            '(?<![0-9A-Z])((?:[0-9A-Z]{5}[^0-9A-Z]+){4}[0-9A-Z]|[0-9A-Z]{21})(?![0-9A-Z])',
            'g'
        ) AS match
    ),
    as_typed AS (
        SELECT translate(regexp_replace(text, '[^0-9A-Z]+', '', 'g'), 'ILO', '110') AS symbols
        FROM part
    ),
    reading AS (
        SELECT symbols, false AS exchanged FROM as_typed
        UNION
        SELECT translate(symbols, 'YZ', 'ZY'), true FROM as_typed WHERE symbols ~ '[YZ]'
    )
    SELECT
        array_agg(write_ticket_code(symbols)) FILTER (WHERE NOT exchanged),
        array_agg(write_ticket_code(symbols)) FILTER (WHERE exchanged)
    INTO v_as_typed, v_exchanged
    FROM reading
    WHERE CASE
        WHEN symbols ~ '^[0-9A-HJKMNP-TV-Z]{21}$'
            THEN right(symbols, 1) = ticket_code_check_symbol(left(symbols, 20))
        ELSE false
    END;
    -- Two codes in one text: nobody knows which was meant.
    IF cardinality(v_as_typed) > 1 OR cardinality(v_exchanged) > 1 THEN
        RETURN '{}';
    END IF;
    RETURN coalesce(v_as_typed, '{}') || coalesce(v_exchanged, '{}');
END;
$$;
COMMENT ON FUNCTION ticket_code_readings IS
    'The ticket codes that a text can mean, in their stored form: as typed, then with Y and Z '
    'exchanged. Case and separators do not matter, I and L read as 1, O as 0, and other text may '
    'stand around the code. Empty when it cannot be a ticket code, or holds several.';

CREATE FUNCTION parse_ticket_code(p_typed text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN (ticket_code_readings(p_typed))[1];
COMMENT ON FUNCTION parse_ticket_code IS
    'A ticket code as a person typed it or a scanner read it, in its stored form: the first of '
    'ticket_code_readings(). NULL when it cannot be a ticket code.';

-- Ticket codes: 20 random symbols (100 bits) and one Luhn mod N check symbol, in an alphabet
-- without letters that are mistaken for digits (I, L, O) or make words (U), written
-- XXXXX-XXXXX-XXXXX-XXXXX-X.  Algorithm: https://en.wikipedia.org/wiki/Luhn_mod_N_algorithm

CREATE FUNCTION ticket_code_check_symbol(p_symbols text)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE
PARALLEL SAFE
AS $$
DECLARE
    -- From the right, every other symbol counts twice, a product as the sum of its base 32
    -- digits. The tables give what a symbol counts, by its character code less that of '0'.
    v_symbols constant bytea := convert_to(p_symbols, 'UTF8');
    v_single constant bytea := '\x00010203040506070809000000000000000a0b0c0d0e0f101100121300141500161718191a001b1c1d1e1f';
    v_double constant bytea := '\x00020406080a0c0e1012000000000000001416181a1c1e010300050700090b000d0f1113150017191b1d1f';
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
COMMENT ON FUNCTION ticket_code_check_symbol(text) IS 'The Luhn mod 32 check symbol for the 20 symbols of a ticket code: finds every single wrong symbol and nearly every swapped pair.';

CREATE FUNCTION write_ticket_code(p_symbols text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN substr(p_symbols, 1, 5) || '-' || substr(p_symbols, 6, 5) || '-' || substr(p_symbols, 11, 5) || '-'
    || substr(p_symbols, 16, 5) || '-' || substr(p_symbols, 21, 1);
COMMENT ON FUNCTION write_ticket_code(text) IS 'The 21 symbols of a ticket code in groups, as it is stored and shown.';

-- Each of the first 42 characters of the base64 text carries 6 random bits. Its 64 characters
-- become 32 symbols, two to one, so that 5 uniform bits are left: a small letter is its capital,
-- I, L, O, U, of either case, are 0 to 3, and 0 to 3, + and / join 4 to 9.
CREATE FUNCTION new_ticket_code()
RETURNS text
LANGUAGE plpgsql
VOLATILE
AS $$
DECLARE
    v_random constant text := encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'base64');
    v_symbols constant text := translate(upper(left(v_random, 20) COLLATE "C"), 'ILOU0123+/', '0123456789');
BEGIN
    RETURN write_ticket_code(v_symbols || ticket_code_check_symbol(v_symbols));
END;
$$;
COMMENT ON FUNCTION new_ticket_code() IS 'A new unguessable ticket code: 100 bits of a cryptographic hash over two random UUIDs, and a check symbol.';

CREATE FUNCTION parse_ticket_code(p_typed text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
AS $$
    SELECT write_ticket_code(typed.symbols)
    FROM (
        SELECT translate(upper(regexp_replace(p_typed, '[\s\u2010-\u2015-]', '', 'g')), 'ILO', '110') AS symbols
    ) AS typed
    WHERE typed.symbols ~ '^[0-9A-HJKMNP-TV-Z]{21}$'
        AND right(typed.symbols, 1) = ticket_code_check_symbol(left(typed.symbols, 20));
$$;
COMMENT ON FUNCTION parse_ticket_code(text) IS 'A ticket code as a person typed it, in its stored form: case, spaces and hyphens do not matter, I and L read as 1, O as 0. NULL when it cannot be a ticket code.';

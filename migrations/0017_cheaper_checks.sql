-- CHECKs that an event's row passes at every sale cost a quarter of what they did: PostgreSQL parses
-- and inlines an SQL function again for each statement, and calls a PL/pgSQL function.
-- depends: 0016_time_zones_filled

CREATE OR REPLACE FUNCTION is_blank(p_text text)
RETURNS boolean
LANGUAGE plpgsql
IMMUTABLE
PARALLEL SAFE
SET search_path = public, pg_temp
AS $$
BEGIN
    RETURN p_text ~ '^[\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]*$';
END;
$$;

CREATE OR REPLACE FUNCTION has_control_characters(p_text text)
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

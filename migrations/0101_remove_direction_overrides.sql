-- Removes characters that change the direction of writing from names, titles and venues, before
-- 0102_refuse_direction_overrides refuses them: a CHECK also runs when an event with an old title is
-- sold. The texts do not become blank, because that was refused before.
-- depends: 0100_validate_phone_checks

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
GRANT EXECUTE ON FUNCTION has_direction_overrides TO PUBLIC;

DO $$
BEGIN
    UPDATE users
    SET name = regexp_replace(name, '[\u202a-\u202e\u2066-\u2069]', '', 'g')
    WHERE has_direction_overrides(name);
    IF EXISTS (
        SELECT
        FROM events
        WHERE has_direction_overrides(title) OR has_direction_overrides(venue)
    ) THEN
        -- An event that is over is read-only. The log gets a line for each event.
        PERFORM begin_repair('Characters that change the direction of writing leave titles');
        UPDATE events
        SET title = regexp_replace(title, '[\u202a-\u202e\u2066-\u2069]', '', 'g'),
            venue = regexp_replace(venue, '[\u202a-\u202e\u2066-\u2069]', '', 'g')
        WHERE has_direction_overrides(title) OR has_direction_overrides(venue);
        PERFORM end_repair();
    END IF;
END;
$$;

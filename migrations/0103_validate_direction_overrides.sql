-- Validates the CHECKs of 0102_refuse_direction_overrides, once what was written between 0101 and 0102
-- is clean as well.
-- depends: 0102_refuse_direction_overrides

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

ALTER TABLE users VALIDATE CONSTRAINT users_name_no_direction_overrides;
ALTER TABLE events
    VALIDATE CONSTRAINT events_title_no_direction_overrides,
    VALIDATE CONSTRAINT events_venue_no_direction_overrides;

ALTER TABLE events
    DROP CONSTRAINT events_venue_no_direction_overrides,
    DROP CONSTRAINT events_title_no_direction_overrides,
    ADD CONSTRAINT events_title_no_direction_overrides CHECK (
        NOT has_direction_overrides(title)
    ) NOT VALID,
    ADD CONSTRAINT events_venue_no_direction_overrides CHECK (
        NOT has_direction_overrides(venue)
    ) NOT VALID;
ALTER TABLE users
    DROP CONSTRAINT users_name_no_direction_overrides,
    ADD CONSTRAINT users_name_no_direction_overrides CHECK (
        NOT has_direction_overrides(name)
    ) NOT VALID;

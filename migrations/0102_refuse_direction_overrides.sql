-- Refuses characters that change the direction of writing in names, titles and venues.
-- depends: 0101_remove_direction_overrides

ALTER TABLE users
    ADD CONSTRAINT users_name_no_direction_overrides CHECK (
        NOT has_direction_overrides(name)
    ) NOT VALID;
ALTER TABLE events
    ADD CONSTRAINT events_title_no_direction_overrides CHECK (
        NOT has_direction_overrides(title)
    ) NOT VALID,
    ADD CONSTRAINT events_venue_no_direction_overrides CHECK (
        NOT has_direction_overrides(venue)
    ) NOT VALID;

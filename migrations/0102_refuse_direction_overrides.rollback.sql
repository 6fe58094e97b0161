ALTER TABLE events
    DROP CONSTRAINT events_venue_no_direction_overrides,
    DROP CONSTRAINT events_title_no_direction_overrides;
ALTER TABLE users DROP CONSTRAINT users_name_no_direction_overrides;

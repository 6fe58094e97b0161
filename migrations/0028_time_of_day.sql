-- A type for what a clock shows.
-- depends: 0027_read_one_event_through_indexes

-- PostgreSQL also has 24:00, which no clock shows.
CREATE DOMAIN time_of_day AS time(0)
    CONSTRAINT time_of_day_on_a_clock CHECK (VALUE < time '24:00');
COMMENT ON DOMAIN time_of_day IS 'What a clock shows, from 00:00:00 to 23:59:59.';

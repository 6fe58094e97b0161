-- Nearly all coming events are active, so that the index of all events by date serves as well.
-- transactional: false
-- depends: 0008_tune_tables

DROP INDEX CONCURRENTLY IF EXISTS events_active_by_date_time;
COMMENT ON INDEX events_by_date_time IS 'For the public list and the admin list by date.';

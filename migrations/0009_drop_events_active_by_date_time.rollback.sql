-- Takes 0009_drop_events_active_by_date_time back.
-- transactional: false

CREATE INDEX CONCURRENTLY events_active_by_date_time ON events (date_time, id) WHERE status = 'active';
COMMENT ON INDEX events_active_by_date_time IS 'For list_events: the public list. Partial: past seasons do not weigh on it.';
COMMENT ON INDEX events_by_date_time IS 'For the admin list by date, every status.';

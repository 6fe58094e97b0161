-- The public list of one category reads only its own events.
-- transactional: false
-- depends: 0054_add_category

-- squawk-ignore ban-concurrent-index-creation-in-transaction
CREATE INDEX CONCURRENTLY events_by_category ON events (folded_text(category), date_time, id)
WHERE category IS NOT NULL;

COMMENT ON INDEX events_by_category IS
    'For the public list of one category, and for the categories in use.';

-- Facts are found in the order in which they were written.
-- transactional: false
-- depends: 0050_written_in

-- squawk-ignore ban-concurrent-index-creation-in-transaction
CREATE INDEX CONCURRENTLY bookings_in_commit_order ON bookings (written_in, id);

COMMENT ON INDEX bookings_in_commit_order IS 'For fan_out_facts.';

-- A partitioned table has no other way. It takes some seconds for ten million lines.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX activity_in_commit_order ON activity (written_in, id);

COMMENT ON INDEX activity_in_commit_order IS 'For fan_out_facts.';

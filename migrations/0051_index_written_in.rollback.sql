-- transactional: false

DROP INDEX activity_in_commit_order;

-- squawk-ignore ban-concurrent-index-creation-in-transaction
DROP INDEX CONCURRENTLY bookings_in_commit_order;

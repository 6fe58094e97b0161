-- transactional: false

DROP INDEX activity_by_user;

-- squawk-ignore ban-concurrent-index-creation-in-transaction
DROP INDEX CONCURRENTLY bookings_for_others;

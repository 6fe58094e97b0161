-- Takes 0013_index_bookings_by_time back.
-- transactional: false

DROP INDEX CONCURRENTLY bookings_by_time;

-- What was done to a user, and what an admin booked for customers, is found through an index.
-- transactional: false
-- depends: 0095_validate_erased_users

-- squawk-ignore ban-concurrent-index-creation-in-transaction
CREATE INDEX CONCURRENTLY bookings_for_others ON bookings (booked_by) WHERE booked_by <> user_id;

COMMENT ON INDEX bookings_for_others IS
    'For export_user. Partial: most customers book for themselves.';

-- A partitioned table has no other way. It takes some seconds for ten million lines.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX activity_by_user ON activity (user_id)
WHERE booking_id IS NULL AND user_id IS NOT NULL;

COMMENT ON INDEX activity_by_user IS
    'For erase_user and export_user. Partial: most lines about users are about their bookings.';

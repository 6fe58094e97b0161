-- How many tickets of an event a customer has is read from an index.
-- transactional: false
-- depends: 0114_validate_sale_times

-- squawk-ignore ban-concurrent-index-creation-in-transaction
CREATE INDEX CONCURRENTLY bookings_of_customer_for_event
ON bookings (event_id, user_id) INCLUDE (quantity)
WHERE status = 'confirmed';

COMMENT ON INDEX bookings_of_customer_for_event IS
    'For the limit of a customer, and for the confirmed bookings of an event. Partial: cancelled '
    'bookings do not count.';

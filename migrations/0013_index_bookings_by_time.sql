-- A range of time in the ledger is found without reading all of it.
-- transactional: false
-- depends: 0012_integrity

-- squawk-ignore ban-concurrent-index-creation-in-transaction
CREATE INDEX CONCURRENTLY bookings_by_time ON bookings USING brin (booking_date, cancelled_at) WITH (autosummarize = on);

COMMENT ON INDEX bookings_by_time IS 'For a range of time in ledger_entries and booking_details.'
    ' BRIN: rows lie in the order they were booked in, so that some kilobytes are enough.';

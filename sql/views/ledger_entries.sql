-- ledger_entries: the ledger as accountants read it. Each booking adds an entry when it is made,
-- and one that takes it back when it is cancelled; no entry ever changes. A range of `at` is found
-- through bookings_by_time.

CREATE VIEW ledger_entries AS
SELECT
    booking_date AS at,
    'booked' AS entry,
    id AS booking_id,
    event_id,
    user_id,
    quantity AS tickets,
    total_amount AS amount
FROM bookings
UNION ALL
SELECT
    cancelled_at,
    'cancelled',
    id,
    event_id,
    user_id,
    -quantity,
    -total_amount
FROM bookings
WHERE status = 'cancelled';

COMMENT ON VIEW ledger_entries IS
    'Every booking as an entry when it was made, and another when it was cancelled. The sum up to '
    'a moment is what was sold then; entries never change.';
COMMENT ON COLUMN ledger_entries.at IS 'When it was booked or cancelled.';
COMMENT ON COLUMN ledger_entries.entry IS 'booked or cancelled.';
COMMENT ON COLUMN ledger_entries.tickets IS 'Negative when cancelled.';
COMMENT ON COLUMN ledger_entries.amount IS 'Negative when cancelled.';

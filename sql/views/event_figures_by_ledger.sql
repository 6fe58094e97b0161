-- event_figures_by_ledger: the history of the counters, computed from bookings and tickets instead
-- of read. After an import of an old ledger it is what event_figures should hold.

CREATE VIEW event_figures_by_ledger AS
SELECT
    event_id,
    at,
    (sum(bookings) OVER so_far)::integer AS bookings_count,
    (sum(tickets) OVER so_far)::integer AS tickets_sold,
    sum(amount) OVER so_far AS revenue,
    (sum(checked_in) OVER so_far)::integer AS tickets_checked_in
FROM (
    SELECT
        event_id,
        at,
        sum(bookings) AS bookings,
        sum(tickets) AS tickets,
        sum(amount) AS amount,
        sum(checked_in) AS checked_in
    FROM (
        SELECT event_id, booking_date AS at, 1 AS bookings, quantity AS tickets,
            total_amount AS amount, 0 AS checked_in
        FROM bookings
        UNION ALL
        SELECT event_id, cancelled_at AS at, -1 AS bookings, -quantity AS tickets,
            -total_amount AS amount, -tickets_checked_in AS checked_in
        FROM bookings
        WHERE status = 'cancelled'
        UNION ALL
        SELECT bookings.event_id, tickets.used_at AS at, 0 AS bookings, 0 AS tickets,
            0 AS amount, 1 AS checked_in
        FROM bookings
        JOIN tickets ON tickets.booking_id = bookings.id
        WHERE tickets.status = 'used'
    ) AS change
    GROUP BY event_id, at
) AS moment
WINDOW so_far AS (PARTITION BY event_id ORDER BY at);

COMMENT ON VIEW event_figures_by_ledger IS
    'What the counters of each event were from one booking, cancellation or check-in to the next, '
    'computed from the ledger. event_figures holds the same as it was recorded.';
COMMENT ON COLUMN event_figures_by_ledger.at IS 'When the counters became this.';

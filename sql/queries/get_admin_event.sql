-- One event with its statistics.
SELECT
    event_availability.*,
    event_sales.bookings,
    event_sales.tickets_checked_in,
    event_sales.revenue
FROM event_availability
JOIN event_sales ON event_sales.event_id = event_availability.event_id
WHERE event_availability.event_id = :event_id;

-- Sales of an event by day. An unknown event has no row; one without sales one row, of NULLs.
SELECT
    events.time_zone,
    daily_sales.date,
    daily_sales.bookings,
    daily_sales.tickets,
    daily_sales.revenue
FROM events
LEFT JOIN daily_sales ON daily_sales.event_id = events.id
WHERE events.id = :event_id
ORDER BY daily_sales.date;

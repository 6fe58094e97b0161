-- daily_sales: the bookings that are confirmed now, by the day they were made. A day is a calendar
-- day at the venue. A booking that is cancelled later leaves its day; daily_ledger keeps both it
-- and the cancellation.

CREATE VIEW daily_sales AS
SELECT
    bookings.event_id,
    events.title,
    events.venue,
    timezone(clock.time_zone, bookings.booking_date)::date AS date,
    count(*) AS bookings,
    sum(bookings.quantity) AS tickets,
    sum(bookings.total_amount) AS revenue
FROM bookings
LEFT JOIN events ON events.id = bookings.event_id
-- OFFSET and LEFT keep this apart from the rest of the query: it runs once for each zone, and
-- PostgreSQL remembers the result.
LEFT JOIN LATERAL (
    SELECT usable_time_zone(events.time_zone, events.utc_offset) AS time_zone
    OFFSET 0
) AS clock ON true
WHERE bookings.status = 'confirmed'
GROUP BY bookings.event_id, events.id, timezone(clock.time_zone, bookings.booking_date)::date;

COMMENT ON VIEW daily_sales IS
    'Bookings that are confirmed now, their tickets and revenue, by event and day. For figures of '
    'a day that never change, see daily_ledger.';
COMMENT ON COLUMN daily_sales.date IS 'The day of booking, in the event''s time zone.';

-- daily_sales: revenue by day. A day is a calendar day at the venue.

CREATE VIEW daily_sales AS
SELECT
    events.id AS event_id,
    events.title,
    events.venue,
    timezone(clock.time_zone, bookings.booking_date)::date AS date,
    count(*) AS bookings,
    sum(bookings.quantity) AS tickets,
    sum(bookings.total_amount) AS revenue
FROM events
-- OFFSET keeps this apart from the rest of the query: it is asked once for each event, and not once
-- for each booking.
CROSS JOIN LATERAL (
    SELECT usable_time_zone(events.time_zone, events.utc_offset) AS time_zone
    OFFSET 0
) AS clock
JOIN bookings ON bookings.event_id = events.id
WHERE bookings.status = 'confirmed'
GROUP BY events.id, timezone(clock.time_zone, bookings.booking_date)::date;

COMMENT ON VIEW daily_sales IS 'Confirmed bookings, their tickets and revenue by event and day.';
COMMENT ON COLUMN daily_sales.date IS 'The day of booking, in the event''s time zone.';

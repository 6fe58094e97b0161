-- daily_sales: revenue by day. A day is a calendar day at the venue.

CREATE VIEW daily_sales AS
SELECT
    events.id AS event_id,
    events.title,
    events.venue,
    timezone(events.time_zone, bookings.booking_date)::date AS date,
    count(*) AS bookings,
    sum(bookings.quantity) AS tickets,
    sum(bookings.total_amount) AS revenue
FROM bookings
JOIN events ON events.id = bookings.event_id
WHERE bookings.status = 'confirmed'
GROUP BY events.id, timezone(events.time_zone, bookings.booking_date)::date;

COMMENT ON VIEW daily_sales IS 'Confirmed bookings, their tickets and revenue by event and day.';
COMMENT ON COLUMN daily_sales.date IS 'The day of booking, in the event''s time zone.';

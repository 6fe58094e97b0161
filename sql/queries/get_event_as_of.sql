-- An event as it was: no row when it did not exist yet.
SELECT
    past.id AS event_id,
    past.version,
    past.title,
    past.venue,
    past.date_time,
    past.status,
    past.capacity,
    past.price,
    past.tickets_sold,
    past.tickets_available,
    past.bookings_count AS bookings,
    past.tickets_checked_in,
    past.revenue
FROM event_as_of(:event_id, :at) AS past;

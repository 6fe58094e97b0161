-- Takes 0022_event_details back.

COMMENT ON VIEW event_availability IS
    'Every event as customers see it, with its tickets available.';

CREATE OR REPLACE VIEW event_sales AS
SELECT
    id AS event_id,
    title,
    venue,
    date_time,
    time_zone,
    status,
    capacity,
    bookings_count AS bookings,
    tickets_sold,
    trunc(100.0 * tickets_sold / capacity, 1) AS percent_sold,
    tickets_checked_in,
    CASE WHEN date_time <= now() THEN tickets_sold - tickets_checked_in END AS no_shows,
    revenue
FROM events;

DROP VIEW event_details;

-- event_sales: how each event sells.

CREATE VIEW event_sales AS
SELECT
    event_id,
    title,
    venue,
    date_time,
    time_zone,
    status,
    capacity,
    bookings,
    tickets_sold,
    percent_sold,
    tickets_checked_in,
    no_shows,
    revenue
FROM event_details;

COMMENT ON VIEW event_sales IS
    'How each event sells: bookings, tickets and revenue of confirmed bookings.';
COMMENT ON COLUMN event_sales.bookings IS 'Confirmed bookings.';
COMMENT ON COLUMN event_sales.tickets_sold IS 'Tickets of confirmed bookings.';
COMMENT ON COLUMN event_sales.percent_sold IS 'Rounded down: 100.0 is sold out.';
COMMENT ON COLUMN event_sales.tickets_checked_in IS 'Used tickets of confirmed bookings.';
COMMENT ON COLUMN event_sales.no_shows IS
    'Tickets sold and not used, once the event has started. NULL: it has not.';
COMMENT ON COLUMN event_sales.revenue IS 'Total amount of confirmed bookings.';

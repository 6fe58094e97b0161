-- event_availability: what can be bought. The one definition of "tickets available" and
-- "bookable"; the API reads it too.

CREATE VIEW event_availability AS
SELECT
    id AS event_id,
    title,
    venue,
    date_time,
    time_zone,
    status,
    price,
    capacity,
    tickets_sold,
    capacity - tickets_sold AS tickets_available,
    status = 'active' AND date_time > now() AS bookable
FROM events;

COMMENT ON VIEW event_availability IS 'What can be bought: every event with its tickets available.';
COMMENT ON COLUMN event_availability.tickets_available IS 'capacity - tickets_sold; 0 is sold out.';
COMMENT ON COLUMN event_availability.bookable IS 'Active and not yet started. A sold-out event is bookable again when somebody cancels.';

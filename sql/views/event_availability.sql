-- event_availability: every event as customers see it; what the API shows of one.

CREATE VIEW event_availability AS
SELECT
    id AS event_id,
    title,
    description,
    venue,
    date_time,
    time_zone,
    capacity,
    price,
    max_tickets_per_booking,
    status,
    tickets_sold,
    events.tickets_available,
    events.bookable,
    version,
    created_at,
    updated_at,
    local_date_time
FROM events;

COMMENT ON VIEW event_availability IS
    'Every event as customers see it, with its tickets available.';
COMMENT ON COLUMN event_availability.tickets_available IS
    'How many can still be sold; 0 is sold out.';
COMMENT ON COLUMN event_availability.local_date_time IS
    'The time on the venue''s clock when it starts.';
COMMENT ON COLUMN event_availability.bookable IS
    'Active and not yet started. A sold-out event stays bookable: somebody may cancel.';

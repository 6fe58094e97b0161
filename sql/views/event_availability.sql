-- event_availability: for API processes of the release before event_details, while they are being
-- replaced. The next release removes this file.

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
FROM events
WHERE status <> 'draft';

COMMENT ON VIEW event_availability IS
    'Use event_details. This view is kept for API processes of the previous release while they are '
    'being replaced, and shows no drafts, which those do not know. The next release drops it.';
COMMENT ON COLUMN event_availability.tickets_available IS
    'How many can still be sold; 0 is sold out.';
COMMENT ON COLUMN event_availability.local_date_time IS
    'The time on the venue''s clock when it starts.';
COMMENT ON COLUMN event_availability.bookable IS
    'Active and not yet started. A sold-out event stays bookable: somebody may cancel.';

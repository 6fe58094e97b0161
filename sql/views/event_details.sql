-- event_details: every event with its figures and statistics. What the API shows of an event, and
-- the one definition of the statistics.

CREATE VIEW event_details AS
SELECT
    id AS event_id,
    title,
    description,
    venue,
    date_time,
    time_zone,
    local_date_time,
    capacity,
    price,
    max_tickets_per_booking,
    status,
    events.bookable,
    events.tickets_available,
    version,
    created_at,
    updated_at,
    bookings_count AS bookings,
    tickets_sold,
    trunc(100.0 * tickets_sold / capacity, 1) AS percent_sold,
    tickets_checked_in,
    CASE WHEN date_time <= now() THEN tickets_sold - tickets_checked_in END AS no_shows,
    revenue,
    doors_open,
    payment_note,
    cancellation_reason,
    end_time,
    address,
    minimum_age,
    access_note,
    organiser_contact,
    poster_seed,
    category,
    sale_starts_at,
    sale_ends_at,
    events.open_to_customers,
    closed_reason(events, false, now()) AS closed_reason,
    events.open_to_box_office,
    max_tickets_per_customer
FROM events;

COMMENT ON VIEW event_details IS
    'Every event with what can still be bought and how it sells. The figures count confirmed '
    'bookings.';
COMMENT ON COLUMN event_details.local_date_time IS
    'The time on the venue''s clock when it starts.';
COMMENT ON COLUMN event_details.doors_open IS
    'When the doors open, on the venue''s clock. NULL: nothing is announced.';
COMMENT ON COLUMN event_details.payment_note IS
    'How and where its tickets are paid. NULL: the note of the installation applies.';
COMMENT ON COLUMN event_details.cancellation_reason IS
    'Why it was cancelled. NULL: no reason is given, or it is not cancelled.';
COMMENT ON COLUMN event_details.end_time IS
    'When it ends, on the venue''s clock: the first such time after its start. NULL: nothing is '
    'announced.';
COMMENT ON COLUMN event_details.address IS
    'Where the venue is. NULL: its name is enough.';
COMMENT ON COLUMN event_details.minimum_age IS
    'How old a guest must be, in years. NULL: it is for every age.';
COMMENT ON COLUMN event_details.access_note IS
    'How people with disabilities get in and around. NULL: nothing is said.';
COMMENT ON COLUMN event_details.organiser_contact IS
    'Whom guests may ask. NULL: nobody is named.';
COMMENT ON COLUMN event_details.poster_seed IS
    'What its poster is drawn from.';
COMMENT ON COLUMN event_details.category IS
    'What kind of event it is. NULL: it is in no category.';
COMMENT ON COLUMN event_details.sale_starts_at IS
    'From when on customers can book it. NULL: as soon as it is published.';
COMMENT ON COLUMN event_details.sale_ends_at IS
    'Until when customers can book it. NULL: until it starts.';
COMMENT ON COLUMN event_details.open_to_customers IS
    'Whether customers can book it now: it is bookable, and within its sale times.';
COMMENT ON COLUMN event_details.max_tickets_per_customer IS
    'How many tickets one customer may have. NULL: any number.';
COMMENT ON COLUMN event_details.closed_reason IS
    'Why customers cannot book it now: draft, cancelled, completed, started, not-yet-on-sale or '
    'sale-ended. NULL: they can.';
COMMENT ON COLUMN event_details.open_to_box_office IS
    'Whether admins can sell its tickets now: it is active, and its door has not closed.';
COMMENT ON COLUMN event_details.bookable IS
    'Active and not yet started, whatever its sale times are. A sold-out event stays bookable, '
    'because a customer may cancel.';
COMMENT ON COLUMN event_details.tickets_available IS
    'How many tickets can still be sold; 0 is sold out.';
COMMENT ON COLUMN event_details.bookings IS 'Confirmed bookings.';
COMMENT ON COLUMN event_details.tickets_sold IS 'Tickets of confirmed bookings.';
COMMENT ON COLUMN event_details.percent_sold IS 'Rounded down: 100.0 is sold out.';
COMMENT ON COLUMN event_details.tickets_checked_in IS 'Used tickets of confirmed bookings.';
COMMENT ON COLUMN event_details.no_shows IS
    'Tickets sold and not used, once the event has started. NULL: it has not.';
COMMENT ON COLUMN event_details.revenue IS 'Total amount of confirmed bookings.';

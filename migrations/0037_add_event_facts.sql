-- An event may say when it ends, where it is, for whom it is and whom to ask.
-- depends: 0036_changes_since_booking

-- A reader of the view locks the view first and then the table: see README.md, Locks.
LOCK TABLE event_details IN ACCESS EXCLUSIVE MODE;

ALTER TABLE events
    ADD COLUMN end_time time_of_day,
    ADD COLUMN address note,
    ADD COLUMN minimum_age integer
        CONSTRAINT events_minimum_age_in_range CHECK (minimum_age BETWEEN 1 AND 99),
    ADD COLUMN access_note note,
    ADD COLUMN organiser_contact note;
COMMENT ON COLUMN events.date_time IS
    'When it starts, in whole seconds.';
COMMENT ON COLUMN events.end_time IS
    'When it ends, on the venue''s clock: the first such time after its start. NULL: nothing is '
    'announced.';
COMMENT ON COLUMN events.address IS
    'Where the venue is, as one would search for it on a map. NULL: its name is enough.';
COMMENT ON COLUMN events.minimum_age IS
    'How old a guest must be, in years. NULL: it is for every age.';
COMMENT ON COLUMN events.access_note IS
    'How people with disabilities get in and around. NULL: nothing is said.';
COMMENT ON COLUMN events.organiser_contact IS
    'Whom guests may ask: a name, a mail address or a phone number. NULL: nobody is named.';

CREATE OR REPLACE FUNCTION editable_fields(p_event events)
RETURNS jsonb
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN jsonb_build_object(
    'title', p_event.title,
    'description', p_event.description,
    'venue', p_event.venue,
    -- As an instant in UTC, whatever the session's time zone.
    'date_time', to_char(timezone('UTC', p_event.date_time), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'time_zone', p_event.time_zone,
    'local_date_time', to_char(p_event.local_date_time, 'YYYY-MM-DD"T"HH24:MI:SS'),
    'capacity', p_event.capacity,
    'price', p_event.price::text,
    'max_tickets_per_booking', p_event.max_tickets_per_booking,
    'status', p_event.status,
    'doors_open', to_char(p_event.doors_open, 'HH24:MI'),
    'payment_note', p_event.payment_note,
    'cancellation_reason', p_event.cancellation_reason,
    'end_time', to_char(p_event.end_time, 'HH24:MI'),
    'address', p_event.address,
    'minimum_age', p_event.minimum_age,
    'access_note', p_event.access_note,
    'organiser_contact', p_event.organiser_contact
);

CREATE OR REPLACE TRIGGER events_raise_version
BEFORE UPDATE OF
    title, description, venue, date_time, time_zone, local_date_time, capacity, price,
    max_tickets_per_booking, status, doors_open, payment_note, cancellation_reason, end_time,
    address, minimum_age, access_note, organiser_contact
ON events
FOR EACH ROW EXECUTE FUNCTION raise_event_version();

CREATE OR REPLACE VIEW event_details AS
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
    organiser_contact
FROM events;
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

ALTER TYPE booking_with_tickets ADD ATTRIBUTE event_end_time time_of_day;
ALTER TYPE booking_with_tickets ADD ATTRIBUTE event_address note;
ALTER TYPE booking_with_tickets ADD ATTRIBUTE event_minimum_age integer;
ALTER TYPE booking_with_tickets ADD ATTRIBUTE event_access_note note;
ALTER TYPE booking_with_tickets ADD ATTRIBUTE event_organiser_contact note;

CREATE OR REPLACE FUNCTION booking_with_tickets(p_booking_id bigint)
RETURNS SETOF booking_with_tickets
LANGUAGE sql
STABLE
AS $$
    SELECT
        bookings.id,
        bookings.user_id,
        bookings.event_id,
        bookings.quantity,
        bookings.unit_price,
        bookings.total_amount,
        bookings.status,
        bookings.booking_date,
        bookings.cancelled_at,
        bookings.booked_by,
        cancellable(bookings, events),
        events.title,
        events.venue,
        events.date_time,
        events.time_zone,
        events.status,
        (
            SELECT jsonb_agg(
                jsonb_build_object(
                    'id', tickets.id,
                    'ticket_code', ticket_code,
                    'status', tickets.status,
                    'used_at', used_at
                )
                ORDER BY tickets.id
            )
            FROM tickets
            WHERE tickets.booking_id = bookings.id
        ),
        events.bookable,
        events.doors_open,
        events.payment_note,
        events.cancellation_reason,
        -- Nearly no event was edited since: only the others need their history.
        CASE
            WHEN events.updated_at > bookings.booking_date
                THEN event_changes_since(events, bookings.booking_date)
            ELSE '[]'
        END,
        events.end_time,
        events.address,
        events.minimum_age,
        events.access_note,
        events.organiser_contact
    FROM bookings
    JOIN events ON events.id = bookings.event_id
    WHERE bookings.id = p_booking_id;
$$;

-- Takes 0041_add_poster_seed back.

LOCK TABLE event_details IN ACCESS EXCLUSIVE MODE;

ALTER TYPE booking_with_tickets DROP ATTRIBUTE event_poster_seed;

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

CREATE OR REPLACE FUNCTION event_as_of(
    p_event_id bigint,
    p_at timestamptz
)
RETURNS SETOF events
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    SELECT past.*
    FROM events
    JOIN LATERAL (
        SELECT *
        FROM event_versions
        WHERE event_id = events.id
            AND at <= p_at
        ORDER BY version DESC
        LIMIT 1
    ) AS version ON true
    LEFT JOIN LATERAL (
        SELECT *
        FROM event_figures
        WHERE event_id = events.id
            AND at <= p_at
        ORDER BY at DESC
        LIMIT 1
    ) AS figures ON true
    CROSS JOIN LATERAL jsonb_populate_record(
        NULL::events,
        version.fields || jsonb_build_object(
            'id', events.id,
            'version', version.version,
            'created_at', events.created_at,
            'updated_at', version.at,
            'counted_at', figures.at,
            -- Versions older than the column local_date_time do not have it.
            'local_date_time', coalesce(
                (version.fields ->> 'local_date_time')::timestamp,
                timezone(
                    usable_time_zone(version.fields ->> 'time_zone', events.utc_offset),
                    (version.fields ->> 'date_time')::timestamptz
                )
            ),
            'bookings_count', coalesce(figures.bookings_count, 0),
            'tickets_sold', coalesce(figures.tickets_sold, 0),
            'revenue', coalesce(figures.revenue, 0),
            'tickets_checked_in', coalesce(figures.tickets_checked_in, 0),
            'search_text',
            search_text((version.fields ->> 'title') || ' ' || (version.fields ->> 'venue'))
        )
    ) AS past
    WHERE events.id = p_event_id;
$$;

DROP VIEW event_sales;
DROP VIEW event_details;
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
    organiser_contact
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
COMMENT ON COLUMN event_details.bookable IS
    'Active and not yet started. A sold-out event stays bookable, because a customer may cancel.';
COMMENT ON COLUMN event_details.tickets_available IS
    'How many tickets can still be sold; 0 is sold out.';
COMMENT ON COLUMN event_details.bookings IS 'Confirmed bookings.';
COMMENT ON COLUMN event_details.tickets_sold IS 'Tickets of confirmed bookings.';
COMMENT ON COLUMN event_details.percent_sold IS 'Rounded down: 100.0 is sold out.';
COMMENT ON COLUMN event_details.tickets_checked_in IS 'Used tickets of confirmed bookings.';
COMMENT ON COLUMN event_details.no_shows IS
    'Tickets sold and not used, once the event has started. NULL: it has not.';
COMMENT ON COLUMN event_details.revenue IS 'Total amount of confirmed bookings.';

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

GRANT SELECT ON event_details, event_sales TO ticketing_api, ticketing_reader;

CREATE OR REPLACE TRIGGER events_raise_version
BEFORE UPDATE OF
    title, description, venue, date_time, time_zone, local_date_time, capacity, price,
    max_tickets_per_booking, status, doors_open, payment_note, cancellation_reason, end_time,
    address, minimum_age, access_note, organiser_contact
ON events
FOR EACH ROW EXECUTE FUNCTION raise_event_version();

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

ALTER TABLE events DROP COLUMN poster_seed;

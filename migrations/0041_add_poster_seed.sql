-- A poster is drawn from a seed of its own, so that a corrected title keeps its poster.
-- depends: 0040_fold_titles_once

-- A reader of the view locks the view first and then the table: see README.md, Locks.
LOCK TABLE event_details IN ACCESS EXCLUSIVE MODE;

ALTER TABLE events ADD COLUMN poster_seed integer;

-- Pages used to draw a poster from the 32-bit FNV-1a hash of the id and the title. That hash is the
-- seed from now on, so every event keeps the poster that people know.
CREATE OR REPLACE FUNCTION pg_temp.fnv_1a(p_text text)
RETURNS integer
LANGUAGE plpgsql
IMMUTABLE
AS $$
DECLARE
    v_octets constant bytea := convert_to(p_text, 'UTF8');
    v_hash bigint := 2166136261;
BEGIN
    FOR v_index IN 0 .. length(v_octets) - 1 LOOP
        v_hash := ((v_hash # get_byte(v_octets, v_index)) * 16777619) & 4294967295;
    END LOOP;
    RETURN v_hash::bit(32)::integer;
END;
$$;

-- In one transaction, because it is short: 0.7 seconds with 20,000 events.
UPDATE events SET poster_seed = pg_temp.fnv_1a(id || ':' || title);

ALTER TABLE events
    ALTER COLUMN poster_seed SET DEFAULT (floor(random() * 4294967296) - 2147483648),
    -- squawk-ignore adding-not-nullable-field
    ALTER COLUMN poster_seed SET NOT NULL;
COMMENT ON COLUMN events.poster_seed IS
    'What its poster is drawn from, and nothing else: another seed is another poster.';

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
    'organiser_contact', p_event.organiser_contact,
    'poster_seed', p_event.poster_seed
);

CREATE OR REPLACE TRIGGER events_raise_version
BEFORE UPDATE OF
    title, description, venue, date_time, time_zone, local_date_time, capacity, price,
    max_tickets_per_booking, status, doors_open, payment_note, cancellation_reason, end_time,
    address, minimum_age, access_note, organiser_contact, poster_seed
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
    organiser_contact,
    poster_seed
FROM events;
COMMENT ON COLUMN event_details.poster_seed IS
    'What its poster is drawn from.';

ALTER TYPE booking_with_tickets ADD ATTRIBUTE event_poster_seed integer;

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
        events.organiser_contact,
        events.poster_seed
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
            -- Versions older than the column poster_seed do not have it either.
            'poster_seed',
            coalesce((version.fields ->> 'poster_seed')::integer, events.poster_seed),
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

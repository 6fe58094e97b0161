-- The past of events. Both functions return rows of events as they were, so everything that reads
-- an event reads a past one, too:
--
--     SELECT past.title, past.capacity, past.tickets_available FROM event_as_of(17, '...') AS past;

CREATE FUNCTION event_as_of(
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
COMMENT ON FUNCTION event_as_of IS
    'The row of an event as it was at a time: fields and counters. Returns no row when the event '
    'did not exist yet.';

CREATE FUNCTION events_as_of(p_at timestamptz)
RETURNS SETOF events
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    SELECT past.*
    FROM events
    CROSS JOIN LATERAL event_as_of(events.id, p_at) AS past
    WHERE events.created_at <= p_at;
$$;
COMMENT ON FUNCTION events_as_of IS
    'All events as they were at a time, see event_as_of(). events_as_of(now()) is the present.';

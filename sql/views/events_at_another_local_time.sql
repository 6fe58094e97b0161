-- events_at_another_local_time: what a change of a time zone's rules has moved. Only events to
-- come: nobody can be late for the others.

CREATE VIEW events_at_another_local_time AS
SELECT
    event_id,
    title,
    time_zone,
    date_time,
    local_date_time,
    actual_local_date_time
FROM (
    SELECT
        id AS event_id,
        title,
        time_zone,
        date_time,
        local_date_time,
        timezone(usable_time_zone(time_zone, events.utc_offset), date_time)
            AS actual_local_date_time
    FROM events
    WHERE status = 'active'
        AND date_time > now()
) AS coming
WHERE actual_local_date_time <> local_date_time;

COMMENT ON VIEW events_at_another_local_time IS
    'Active events to come that start when the venue''s clock, by the rules this server has, shows '
    'another time than the one announced. python -m app.moved_events repairs them.';
COMMENT ON COLUMN events_at_another_local_time.local_date_time IS
    'The time on the venue''s clock, as it was announced.';
COMMENT ON COLUMN events_at_another_local_time.actual_local_date_time IS
    'The time on the venue''s clock at date_time.';

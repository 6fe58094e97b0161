-- events_at_another_local_time: the events that a change of a time zone's rules has moved. It holds
-- only events to come, because only those can still be moved back.

CREATE VIEW events_at_another_local_time AS
SELECT
    events.id AS event_id,
    events.title,
    events.time_zone,
    events.date_time,
    events.local_date_time,
    timezone(clock.time_zone, events.date_time) AS actual_local_date_time
FROM events
-- OFFSET, LEFT and CASE keep this apart from the rest of the query: it runs once for each zone, and
-- PostgreSQL remembers the result.
LEFT JOIN LATERAL (
    SELECT usable_time_zone(events.time_zone, interval '0') AS time_zone
    OFFSET 0
) AS clock ON true
WHERE events.status IN ('draft', 'active')
    AND events.date_time > now()
    AND CASE
        WHEN clock.time_zone = events.time_zone
            THEN timezone(clock.time_zone, events.date_time) <> events.local_date_time
        -- The server does not know the zone, and has no rules to compare with.
        ELSE false
    END;

COMMENT ON VIEW events_at_another_local_time IS
    'Active events and drafts to come that start when the venue''s clock, by the rules this server '
    'has, shows another time than the one announced. python -m app.operations.moved_events '
    'repairs them.';
COMMENT ON COLUMN events_at_another_local_time.local_date_time IS
    'The time on the venue''s clock, as it was announced.';
COMMENT ON COLUMN events_at_another_local_time.actual_local_date_time IS
    'The time on the venue''s clock at date_time.';

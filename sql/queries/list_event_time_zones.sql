-- Active events and drafts to come, soonest first, with what this server makes of their time zone.
SELECT
    id,
    title,
    time_zone,
    date_time,
    local_date_time,
    version,
    is_known_time_zone(time_zone) AS zone_is_known,
    timezone(usable_time_zone(time_zone, events.utc_offset), date_time) AS database_local_date_time
FROM events
WHERE status IN ('draft', 'active')
    AND date_time > now()
ORDER BY date_time, id;

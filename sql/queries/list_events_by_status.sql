-- For admins: events of one status, or of all (NULL), past ones too, soonest first.
-- $1: status; $2: search text; then as in list_events.
SELECT *
FROM event_availability
WHERE ($1::event_status IS NULL OR status = $1)
    AND ($2::text IS NULL OR event_id IN (SELECT events_containing($2)))
    AND date_time >= coalesce($3::timestamptz, timezone('UTC', $5::date) - interval '14 hours', '-infinity')
    AND date_time < coalesce($4::timestamptz, timezone('UTC', $6::date) + interval '1 day 12 hours', 'infinity')
    AND local_date_time >= coalesce($5::date, '-infinity')
    AND local_date_time < coalesce($6::date + 1, 'infinity')
    AND (date_time, event_id) > (coalesce($7::timestamptz, '-infinity'), coalesce($8::bigint, 0))
ORDER BY date_time, event_id
LIMIT $9;

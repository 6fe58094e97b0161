-- The public list: active events still to come, soonest first.
-- Bounds are times, or days in each event's zone; NULL: no bound.
-- A day anywhere on earth begins at most 14 hours before it does in UTC and ends at most 12
-- hours after: those bounds go through the index, then the venue's clock decides.
SELECT *
FROM event_details
WHERE status = 'active'
    AND date_time > now()
    AND date_time >= coalesce(
        :from_time::timestamptz,
        timezone('UTC', :from_day::date) - interval '14 hours',
        '-infinity'
    )
    AND date_time < coalesce(
        :to_time::timestamptz,
        timezone('UTC', :to_day::date) + interval '1 day 12 hours',
        'infinity'
    )
    AND local_date_time >= coalesce(:from_day::date, '-infinity')
    AND local_date_time < coalesce(:to_day::date + 1, 'infinity')
    AND (date_time, event_id) > (
        coalesce(:after_date_time::timestamptz, '-infinity'),
        coalesce(:after_event_id::bigint, 0)
    )
ORDER BY date_time, event_id
LIMIT :limit;

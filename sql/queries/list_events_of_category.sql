-- The public list of one category: active events still to come, soonest first.
-- The bounds are those of list_events.
SELECT *
FROM event_details
WHERE status = 'active'
    AND date_time > now()
    AND category IS NOT NULL
    AND folded_text(category) = folded_text(:category)
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

-- Every event with its statistics, soonest first. :status, :search, :category,
-- :from_time: NULL for all.
SELECT *
FROM event_details
WHERE (:status::event_status IS NULL OR status = :status)
    AND (:search::text IS NULL OR event_id IN (SELECT events_containing(:search)))
    AND (
        :category::text IS NULL
        OR (category IS NOT NULL AND folded_text(category) = folded_text(:category))
    )
    AND date_time >= coalesce(:from_time::timestamptz, '-infinity')
    AND (date_time, event_id) > (
        coalesce(:after_date_time::timestamptz, '-infinity'),
        coalesce(:after_event_id::bigint, 0)
    )
ORDER BY date_time, event_id
LIMIT :limit;

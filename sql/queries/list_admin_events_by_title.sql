-- Every event with its statistics, by title, A to Z. :status, :search, :category,
-- :from_time: NULL for all.
-- The inner query sorts all events, so it holds no column that the page alone needs.
SELECT event_details.*, page.sort_key
FROM (
    SELECT event_id, folded_text(title) AS sort_key
    FROM event_details
    WHERE (:status::event_status IS NULL OR status = :status)
        AND (:search::text IS NULL OR event_id IN (SELECT events_containing(:search)))
        AND (
            :category::text IS NULL
            OR (category IS NOT NULL AND folded_text(category) = folded_text(:category))
        )
        AND date_time >= coalesce(:from_time::timestamptz, '-infinity')
        AND (
            :after_sort_key::text IS NULL
            OR (folded_text(title), event_id) > (:after_sort_key, :after_event_id::bigint)
        )
    ORDER BY sort_key, event_id
    LIMIT :limit
) AS page
JOIN event_details ON event_details.event_id = page.event_id
ORDER BY page.sort_key, page.event_id;

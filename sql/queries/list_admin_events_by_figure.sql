-- Every event with its statistics, by one of its figures: no index, so that no sale has to move
-- one. :status, :search, :category, :from_time: NULL for all; :direction: 1 for lowest first, -1
-- for highest first.
-- The inner query sorts all events, so it holds no column that the page alone needs.
SELECT event_details.*, page.sort_key
FROM (
    SELECT *
    FROM (
        SELECT
            event_id,
            :direction::integer * CASE :figure::text
                WHEN 'tickets_sold' THEN tickets_sold
                WHEN 'percent_sold' THEN percent_sold
                WHEN 'bookings' THEN bookings
                WHEN 'tickets_checked_in' THEN tickets_checked_in
                WHEN 'revenue' THEN revenue
            END AS sort_key
        FROM event_details
        WHERE (:status::event_status IS NULL OR status = :status)
            AND (:search::text IS NULL OR event_id IN (SELECT events_containing(:search)))
            AND (
                :category::text IS NULL
                OR (category IS NOT NULL AND folded_text(category) = folded_text(:category))
            )
            AND date_time >= coalesce(:from_time::timestamptz, '-infinity')
    ) AS figures
    WHERE :after_sort_key::numeric IS NULL
        OR (sort_key, event_id) > (:after_sort_key, :after_event_id::bigint)
    ORDER BY sort_key, event_id
    LIMIT :limit
) AS page
JOIN event_details ON event_details.event_id = page.event_id
ORDER BY page.sort_key, page.event_id;

-- Every event with its statistics, by title, A to Z. :status, :search: NULL for all.
SELECT
    event_availability.*,
    event_sales.bookings,
    event_sales.tickets_checked_in,
    event_sales.revenue,
    page.sort_key
FROM (
    SELECT event_id, search_text(title) AS sort_key
    FROM event_sales
    WHERE (:status::event_status IS NULL OR status = :status)
        AND (:search::text IS NULL OR event_id IN (SELECT events_containing(:search)))
        AND (
            :after_sort_key::text IS NULL
            OR (search_text(title), event_id) > (:after_sort_key, :after_event_id::bigint)
        )
    ORDER BY search_text(title), event_id
    LIMIT :limit
) AS page
JOIN event_availability ON event_availability.event_id = page.event_id
JOIN event_sales ON event_sales.event_id = page.event_id
ORDER BY page.sort_key, page.event_id;

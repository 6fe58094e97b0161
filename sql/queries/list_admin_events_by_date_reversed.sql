-- Every event with its statistics, latest first. :status, :search: NULL for all.
SELECT
    event_availability.*,
    event_sales.bookings,
    event_sales.tickets_checked_in,
    event_sales.revenue
FROM (
    SELECT event_id, date_time AS sort_key
    FROM event_sales
    WHERE (:status::event_status IS NULL OR status = :status)
        AND (:search::text IS NULL OR event_id IN (SELECT events_containing(:search)))
        AND (date_time, event_id) < (
            coalesce(:after_date_time::timestamptz, 'infinity'),
            coalesce(:after_event_id::bigint, 9223372036854775807)
        )
    ORDER BY date_time DESC, event_id DESC
    LIMIT :limit
) AS page
JOIN event_availability ON event_availability.event_id = page.event_id
JOIN event_sales ON event_sales.event_id = page.event_id
ORDER BY page.sort_key DESC, page.event_id DESC;

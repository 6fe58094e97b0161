-- Every event with its statistics, latest first. Parameters as in list_admin_events_by_date.
SELECT
    event_availability.*,
    event_sales.bookings,
    event_sales.tickets_checked_in,
    event_sales.revenue
FROM (
    SELECT event_id, date_time AS sort_key
    FROM event_sales
    WHERE ($1::event_status IS NULL OR status = $1)
        AND ($2::text IS NULL OR event_id IN (SELECT events_containing($2)))
        AND (date_time, event_id) < (coalesce($3::timestamptz, 'infinity'), coalesce($4::bigint, 9223372036854775807))
    ORDER BY date_time DESC, event_id DESC
    LIMIT $5
) AS page
JOIN event_availability ON event_availability.event_id = page.event_id
JOIN event_sales ON event_sales.event_id = page.event_id
ORDER BY page.sort_key DESC, page.event_id DESC;

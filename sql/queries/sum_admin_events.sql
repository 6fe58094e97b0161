-- Totals over all events of the admin list. :status, :search, :category, :from_time: NULL for all.
SELECT
    count(*) AS events,
    coalesce(sum(bookings), 0) AS bookings,
    coalesce(sum(tickets_sold), 0) AS tickets_sold,
    coalesce(sum(tickets_checked_in), 0) AS tickets_checked_in,
    coalesce(sum(revenue), 0) AS revenue
FROM event_details
WHERE (:status::event_status IS NULL OR status = :status)
    AND (:search::text IS NULL OR event_id IN (SELECT events_containing(:search)))
    AND (
        :category::text IS NULL
        OR (category IS NOT NULL AND folded_text(category) = folded_text(:category))
    )
    AND date_time >= coalesce(:from_time::timestamptz, '-infinity');

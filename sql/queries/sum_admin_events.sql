-- Totals over all events of the admin list. $1: status or NULL; $2: search or NULL.
SELECT
    count(*) AS events,
    coalesce(sum(bookings), 0) AS bookings,
    coalesce(sum(tickets_sold), 0) AS tickets_sold,
    coalesce(sum(tickets_checked_in), 0) AS tickets_checked_in,
    coalesce(sum(revenue), 0) AS revenue
FROM event_sales
WHERE ($1::event_status IS NULL OR status = $1)
    AND ($2::text IS NULL OR event_id IN (SELECT events_containing($2)));

-- Every event with its statistics, by one of its figures: no index, so that no sale has to move
-- one. $1: status or NULL; $2: search or NULL; $3: the figure; $4: 1 for lowest first, -1 for
-- highest first; $5, $6: sort key and id of the last event of the page before; $7: how many.
SELECT
    event_availability.*,
    event_sales.bookings,
    event_sales.tickets_checked_in,
    event_sales.revenue,
    page.sort_key
FROM (
    SELECT *
    FROM (
        SELECT
            event_id,
            $4::integer * CASE $3::text
                WHEN 'tickets_sold' THEN tickets_sold
                WHEN 'percent_sold' THEN percent_sold
                WHEN 'bookings' THEN bookings
                WHEN 'tickets_checked_in' THEN tickets_checked_in
                WHEN 'revenue' THEN revenue
            END AS sort_key
        FROM event_sales
        WHERE ($1::event_status IS NULL OR status = $1)
            AND ($2::text IS NULL OR event_id IN (SELECT events_containing($2)))
    ) AS figures
    WHERE $5::numeric IS NULL OR (sort_key, event_id) > ($5, $6::bigint)
    ORDER BY sort_key, event_id
    LIMIT $7
) AS page
JOIN event_availability ON event_availability.event_id = page.event_id
JOIN event_sales ON event_sales.event_id = page.event_id
ORDER BY page.sort_key, page.event_id;

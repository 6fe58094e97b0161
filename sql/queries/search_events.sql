-- The public list with a search: better match first, then soonest first.
-- $1: the search; $2 to $5: from, to as times, from, to as days; $6 to $8: match class, date_time
-- and id of the last event of the page before; $9: how many.
SELECT event_availability.*, page.match_class
FROM (
    SELECT *
    FROM search_events(
        $1,
        greatest(now(), coalesce($2::timestamptz, timezone('UTC', $4::date) - interval '14 hours')),
        coalesce($3::timestamptz, timezone('UTC', $5::date) + interval '1 day 12 hours', 'infinity'),
        $4,
        $5
    )
    WHERE (match_class, date_time, event_id) > (coalesce($6::integer, 0), coalesce($7::timestamptz, '-infinity'), coalesce($8::bigint, 0))
    ORDER BY match_class, date_time, event_id
    LIMIT $9
) AS page
JOIN event_availability ON event_availability.event_id = page.event_id
ORDER BY page.match_class, page.date_time, page.event_id;

-- The public list with a search: better match first, then soonest first. The bounds are those of
-- list_events; :category: NULL for any. Class 4 has events that were found by their descriptions,
-- or else by correcting typing errors; in_description tells which.
SELECT
    event_details.*,
    page.match_class,
    page.match_class = 4
        AND folded_text(concat_ws(' ', title, venue, left(description, 500))) LIKE ALL (
            ARRAY(SELECT like_contains(btrim(word)) FROM unnest(typed_words(:search)) AS word)
        ) AS in_description
FROM (
    SELECT *
    FROM search_events(
        :search,
        greatest(
            now(),
            coalesce(
                :from_time::timestamptz,
                timezone('UTC', :from_day::date) - interval '14 hours'
            )
        ),
        coalesce(
            :to_time::timestamptz,
            timezone('UTC', :to_day::date) + interval '1 day 12 hours',
            'infinity'
        ),
        :from_day,
        :to_day,
        :category::text
    )
    WHERE (match_class, date_time, event_id) > (
        coalesce(:after_match_class::integer, 0),
        coalesce(:after_date_time::timestamptz, '-infinity'),
        coalesce(:after_event_id::bigint, 0)
    )
    ORDER BY match_class, date_time, event_id
    LIMIT :limit
) AS page
JOIN event_details ON event_details.event_id = page.event_id
ORDER BY page.match_class, page.date_time, page.event_id;

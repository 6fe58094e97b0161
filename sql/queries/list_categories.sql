-- The categories of active events still to come, each spelled as in its soonest event. Reads one
-- entry of the index for each category in use and not one for each event; 200 at most.
WITH RECURSIVE in_use AS (
    (
        SELECT folded_text(category) AS folded
        FROM events
        WHERE category IS NOT NULL
        ORDER BY folded_text(category)
        LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT folded_text(category)
        FROM events
        WHERE category IS NOT NULL
            AND folded_text(category) > in_use.folded
        ORDER BY folded_text(category)
        LIMIT 1
    )
    FROM in_use
    WHERE folded IS NOT NULL
)
SELECT soonest.category
FROM (SELECT folded FROM in_use LIMIT 200) AS first
CROSS JOIN LATERAL (
    SELECT category
    FROM events
    WHERE category IS NOT NULL
        AND folded_text(category) = first.folded
        AND status = 'active'
        AND date_time > now()
    ORDER BY folded_text(category), date_time, id
    LIMIT 1
) AS soonest
ORDER BY first.folded;

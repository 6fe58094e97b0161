-- The activity log, newest first. $1: of this event only; $2: id of the last row of the page
-- before; $3: how many.
SELECT *
FROM recent_activity
WHERE ($1::bigint IS NULL OR event_id = $1)
    AND ($2::bigint IS NULL OR activity_id < $2)
ORDER BY activity_id DESC
LIMIT $3;

-- The activity log, newest first. :event_id: of this event only; NULL: of all.
SELECT *
FROM recent_activity
WHERE (:event_id::bigint IS NULL OR event_id = :event_id)
    AND (:after_activity_id::bigint IS NULL OR activity_id < :after_activity_id)
ORDER BY activity_id DESC
LIMIT :limit;

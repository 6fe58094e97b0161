-- What a customer was told, newest first.
SELECT
    notices.id,
    notices.kind,
    notices.event_id,
    events.title AS event_title,
    notices.booking_id,
    notices.at,
    notices.read_at IS NOT NULL AS read,
    notice_text(notices) AS text
FROM notices
JOIN events ON events.id = notices.event_id
WHERE notices.user_id = :user_id
    AND notices.id < coalesce(:after_id::bigint, 9223372036854775807)
ORDER BY notices.id DESC
LIMIT :limit;

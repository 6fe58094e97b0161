-- Mails that could not be sent, the newest first: to whom, about what, and why.
-- :after_mail_id NULL: from the first.
SELECT
    mail_id,
    failing_mails.address,
    users.id AS user_id,
    users.name AS user_name,
    purpose,
    notices.kind,
    notices.event_id,
    events.title AS event_title,
    failing_mails.created_at,
    attempts,
    next_attempt_at,
    last_error
FROM failing_mails
JOIN users ON users.id = failing_mails.user_id
LEFT JOIN notices ON notices.id = failing_mails.notice_id
LEFT JOIN events ON events.id = notices.event_id
WHERE mail_id < coalesce(:after_mail_id::bigint, 9223372036854775807)
ORDER BY mail_id DESC
LIMIT :limit;

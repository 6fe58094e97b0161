-- recent_activity: what was done, by whom, to what. Order by activity_id DESC for the newest.

CREATE VIEW recent_activity AS
SELECT
    activity.id AS activity_id,
    activity.at,
    activity.actor_id,
    actor.name AS actor_name,
    activity.action,
    activity.event_id,
    events.title AS event_title,
    activity.booking_id,
    activity.ticket_id,
    activity.user_id,
    subject.name AS user_name,
    activity.detail
FROM activity
LEFT JOIN users AS actor ON actor.id = activity.actor_id
LEFT JOIN users AS subject ON subject.id = activity.user_id
LEFT JOIN events ON events.id = activity.event_id;

COMMENT ON VIEW recent_activity IS
    'The activity log with names: what was done, when, by whom, to what. ORDER BY activity_id '
    'DESC for the newest.';
COMMENT ON COLUMN recent_activity.actor_id IS 'NULL: nobody signed in, it was done in psql.';
COMMENT ON COLUMN recent_activity.user_id IS
    'The user it was done to, or whose booking or ticket it was. NULL: no user.';
COMMENT ON COLUMN recent_activity.detail IS
    'For edits: {"was": {...}, "became": {...}} with the fields that changed.';

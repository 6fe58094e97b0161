-- Events that ended have a version before that, and a line in the log.
WITH ended AS (
    SELECT events.*
    FROM generated_event
    JOIN events ON events.id = generated_event.id
    WHERE generated_event.no BETWEEN %(from)s AND %(to)s
        AND events.version = 2
),
begun AS (
    INSERT INTO event_versions (event_id, version, at, login, fields)
    SELECT id, 1, created_at, session_user, editable_fields(ended) || '{"status": "active"}'
    FROM ended
)
INSERT INTO activity (at, action, event_id, detail)
SELECT
    updated_at,
    ('event-' || status)::activity_action,
    id,
    jsonb_build_object(
        'was', jsonb_build_object('status', 'active'),
        'became', jsonb_build_object('status', status)
    )
FROM ended
ORDER BY updated_at;

-- Takes 0058_add_event_message_action back. PostgreSQL takes no value out of an enum: the type is
-- made again, and the log is rewritten. A line with the value ends this step with an error, and is
-- kept.
-- What names the column is dropped first, or makes room, and comes back as it was.

DROP VIEW recent_activity;
DROP INDEX activity_by_actor;

DO $$
DECLARE
    v_facts constant text := pg_get_viewdef('facts'::regclass);
    v_guests_at constant text := pg_get_functiondef('guests_at'::regproc);
BEGIN
    CREATE OR REPLACE VIEW facts AS
    SELECT
        NULL::text AS source,
        NULL::bigint AS id,
        NULL::xid8 AS written_in,
        NULL::timestamptz AS at,
        NULL::text AS type,
        NULL::bigint AS event_id,
        NULL::bigint AS booking_id,
        NULL::bigint AS user_id,
        NULL::jsonb AS data;
    CREATE OR REPLACE FUNCTION guests_at(
        p_event_id bigint,
        p_at timestamptz
    )
    RETURNS SETOF bigint
    LANGUAGE sql
    STABLE
    SET search_path = public, pg_temp
    BEGIN ATOMIC
        SELECT NULL::bigint;
    END;
    ALTER TYPE activity_action RENAME TO activity_action_with_message;
    CREATE TYPE activity_action AS ENUM (
        'event-created',
        'event-edited',
        'event-cancelled',
        'event-completed',
        'booking-cancelled',
        'ticket-admitted',
        'user-created',
        'user-changed'
    );
    COMMENT ON TYPE activity_action IS
        'The actions that the activity log records. A sale is not one of them: its booking is its '
        'record.';
    ALTER TABLE activity ALTER action TYPE activity_action USING action::text::activity_action;
    EXECUTE 'CREATE OR REPLACE VIEW facts AS ' || v_facts;
    EXECUTE v_guests_at;
    DROP TYPE activity_action_with_message;
END;
$$;

CREATE INDEX activity_by_actor ON activity (actor_id, id) WHERE action <> 'ticket-admitted';
COMMENT ON INDEX activity_by_actor IS
    'For what one person did. Partial: admissions are most of the log and are looked up by event.';

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

GRANT SELECT ON recent_activity TO ticketing_api, ticketing_reader;

-- The history of events from before it was recorded, as far as the log and the ledger still know
-- it. Reads both whole and takes no lock that a sale waits for.
-- depends: 0003_guard_the_ledger

DO $$
BEGIN
    -- A new database has no past.
    IF NOT EXISTS (SELECT FROM events) THEN
        RETURN;
    END IF;
    PERFORM begin_repair('migration 0004: the history of events from before it was recorded');

    -- From the present backwards: each line of the log says what the fields were before its edit.
    INSERT INTO event_versions (event_id, version, at, actor_id, login, fields)
    WITH RECURSIVE edit AS MATERIALIZED (
        SELECT
            event_id,
            row_number() OVER (PARTITION BY event_id ORDER BY id DESC) AS steps_back,
            at,
            actor_id,
            detail -> 'was' AS was
        FROM activity
        WHERE action IN ('event-edited', 'event-cancelled', 'event-completed')
    ),
    past AS (
        SELECT
            id AS event_id,
            version,
            1::bigint AS steps_back,
            editable_fields(events) AS fields
        FROM events
        UNION ALL
        SELECT past.event_id, past.version - 1, past.steps_back + 1, past.fields || edit.was
        FROM past
        JOIN edit USING (event_id, steps_back)
        WHERE past.version > 1
    )
    SELECT
        past.event_id,
        past.version,
        -- The earliest form that is known is taken for the first one.
        coalesce(edit.at, events.created_at),
        CASE WHEN edit.at IS NULL THEN created.actor_id ELSE edit.actor_id END,
        'unknown',
        past.fields
    FROM past
    JOIN events ON events.id = past.event_id
    LEFT JOIN edit ON edit.event_id = past.event_id AND edit.steps_back = past.steps_back AND past.version > 1
    LEFT JOIN activity AS created ON created.event_id = past.event_id AND created.action = 'event-created'
    ON CONFLICT (event_id, version) DO NOTHING;

    INSERT INTO event_figures
    SELECT ledger.*
    FROM event_figures_by_ledger AS ledger
    LEFT JOIN (
        SELECT event_id, min(at) AS at FROM event_figures GROUP BY event_id
    ) AS recorded ON recorded.event_id = ledger.event_id
    WHERE ledger.at < coalesce(recorded.at, 'infinity')
    ON CONFLICT (event_id, at) DO NOTHING;
END;
$$;

-- event_history: what each edit of an event changed, and who made it.

CREATE VIEW event_history AS
SELECT
    edit.event_id,
    edit.version,
    edit.at,
    edit.actor_id,
    users.name AS actor_name,
    changed.was,
    changed.became
FROM event_versions AS edit
LEFT JOIN event_versions AS before
    ON before.event_id = edit.event_id
    AND before.version = edit.version - 1
LEFT JOIN users ON users.id = edit.actor_id
CROSS JOIN LATERAL (
    SELECT
        coalesce(jsonb_object_agg(key, before.fields -> key), '{}') AS was,
        coalesce(jsonb_object_agg(key, value), '{}') AS became
    FROM jsonb_each(edit.fields)
    WHERE before.fields IS NOT NULL
        AND value <> coalesce(before.fields -> key, 'null')
        -- A version that is older than these columns does not have them; nobody edited them.
        AND (before.fields ? key OR key NOT IN ('local_date_time', 'poster_seed'))
) AS changed;

COMMENT ON VIEW event_history IS
    'Every version of every event with what it changed. Order by version for one event.';
COMMENT ON COLUMN event_history.actor_id IS
    'The admin who edited. NULL: nobody signed in, it was done in psql.';
COMMENT ON COLUMN event_history.was IS
    'The changed fields before, by column name; empty for the first version.';
COMMENT ON COLUMN event_history.became IS 'The same fields afterwards.';

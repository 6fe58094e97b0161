-- event_versions: what each event looked like, from one edit to the next. Written by triggers on
-- events; append-only. No foreign keys: history outlives the rows it describes.

CREATE TABLE event_versions (
    event_id bigint      NOT NULL,
    version  integer     NOT NULL,
    at       timestamptz NOT NULL,
    actor_id bigint,                -- NULL: nobody signed in, done in psql
    login    text        NOT NULL,
    fields   jsonb       NOT NULL,
    CONSTRAINT event_versions_pkey PRIMARY KEY (event_id, version),
    CONSTRAINT event_versions_fields_is_object CHECK (jsonb_typeof(fields) = 'object')
);

COMMENT ON TABLE event_versions IS
    'Append-only history of the editable fields of events: one row for each version. '
    'event_as_of() reads it.';
COMMENT ON COLUMN event_versions.event_id IS 'The event. After a repair it may be gone.';
COMMENT ON COLUMN event_versions.version IS 'As events.version was.';
COMMENT ON COLUMN event_versions.at IS 'When this version began.';
COMMENT ON COLUMN event_versions.actor_id IS
    'The admin who edited. NULL: nobody signed in, it was done in psql.';
COMMENT ON COLUMN event_versions.login IS
    'The database login. "unknown" for versions that began before this table existed.';
COMMENT ON COLUMN event_versions.fields IS 'As editable_fields() writes them.';

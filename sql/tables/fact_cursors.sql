-- fact_cursors: up to where fan_out_facts() has read each source of facts.

CREATE TABLE fact_cursors (
    source     text    NOT NULL,
    -- After the rows of transaction 0, which were written before the facts began.
    written_in xid8    NOT NULL DEFAULT '0',
    id         bigint  NOT NULL DEFAULT 9223372036854775807,
    after_id   bigint  NOT NULL DEFAULT 0,
    database   text    NOT NULL,
    paused     boolean NOT NULL DEFAULT false,
    CONSTRAINT fact_cursors_pkey PRIMARY KEY (source),
    CONSTRAINT fact_cursors_source_known CHECK (source IN ('booking', 'activity'))
);

COMMENT ON TABLE fact_cursors IS
    'Up to where the facts of each source have been read. In a database that was restored '
    'elsewhere, reading pauses until resume_facts() is called, so that a copy sends nothing.';
COMMENT ON COLUMN fact_cursors.written_in IS 'The transaction of the last fact that was read.';
COMMENT ON COLUMN fact_cursors.id IS 'The id of the last fact that was read.';
COMMENT ON COLUMN fact_cursors.after_id IS
    'Rows up to this id hold transaction ids of another database. They are not read again.';
COMMENT ON COLUMN fact_cursors.database IS
    'The database whose transaction ids these are: see this_database().';
COMMENT ON COLUMN fact_cursors.paused IS 'Whether nothing is read and nothing is sent.';

-- integrity_sweep and integrity_findings: what sweep_integrity() has checked and found. The sweep
-- reads the whole database in slices, each with a short snapshot of its own, so that a ledger of
-- any size is checked without one statement that runs for minutes.

CREATE TABLE integrity_sweep (
    only_row       boolean     NOT NULL DEFAULT true,
    area           text,                               -- NULL: no pass is under way
    next_id        bigint      NOT NULL DEFAULT 0,
    began_at       timestamptz,                        -- NULL: no pass has begun
    ended_at       timestamptz,                        -- NULL: no pass has ended
    slice_at       timestamptz,                        -- NULL: no slice has been checked
    events_checked bigint      NOT NULL DEFAULT 0,
    events_total   bigint      NOT NULL DEFAULT 0,
    CONSTRAINT integrity_sweep_pkey PRIMARY KEY (only_row),
    CONSTRAINT integrity_sweep_has_one_row CHECK (only_row),
    CONSTRAINT integrity_sweep_area_known CHECK (
        area IN ('events', 'tickets', 'users', 'event_words')
    )
);

COMMENT ON TABLE integrity_sweep IS 'How far sweep_integrity() has come: at most one row.';
COMMENT ON COLUMN integrity_sweep.only_row IS 'Always true: the key of the only row.';
COMMENT ON COLUMN integrity_sweep.area IS
    'What the pass under way checks next, in the order events, tickets, users, event_words. NULL: '
    'no pass is under way.';
COMMENT ON COLUMN integrity_sweep.next_id IS 'The first id of the next slice, in area.';
COMMENT ON COLUMN integrity_sweep.began_at IS 'When the latest pass began. NULL: none has begun.';
COMMENT ON COLUMN integrity_sweep.ended_at IS
    'When the latest full pass ended. NULL: none has ended.';
COMMENT ON COLUMN integrity_sweep.slice_at IS
    'When the latest slice was checked. NULL: none has been.';
COMMENT ON COLUMN integrity_sweep.events_checked IS 'How many events the latest pass has checked.';
COMMENT ON COLUMN integrity_sweep.events_total IS 'How many events there were when it began.';

CREATE TABLE integrity_findings (
    id         bigint      GENERATED ALWAYS AS IDENTITY,
    kind       text        NOT NULL,
    table_name text        NOT NULL,
    row_id     bigint      NOT NULL,
    expected   text,                                   -- NULL: nothing is expected
    actual     text,                                   -- NULL: there is no such row
    event_id   bigint,                                 -- NULL: not part of an event
    found_at   timestamptz NOT NULL,
    CONSTRAINT integrity_findings_pkey PRIMARY KEY (id)
);

COMMENT ON TABLE integrity_findings IS
    'What the latest check of each slice found: the columns of integrity_violations, and when. A '
    'slice replaces its own rows, and keeps 1,000 at most.';
COMMENT ON COLUMN integrity_findings.kind IS 'What is wrong.';
COMMENT ON COLUMN integrity_findings.table_name IS 'The table of the row that is wrong.';
COMMENT ON COLUMN integrity_findings.row_id IS 'Its id, or 0 for a word, which has none.';
COMMENT ON COLUMN integrity_findings.expected IS
    'What the other rows say it should be. NULL: nothing.';
COMMENT ON COLUMN integrity_findings.actual IS 'What it is. NULL: there is no such row.';
COMMENT ON COLUMN integrity_findings.event_id IS
    'The event it is part of. NULL: it is part of none.';
COMMENT ON COLUMN integrity_findings.found_at IS 'When its slice was last checked.';

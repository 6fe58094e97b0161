-- event_figures: the counters of each event as they were, from one change to the next. Written by
-- the triggers that count, in the same statement and under the event's lock; append-only.
-- No foreign keys: history outlives the rows it describes.

CREATE TABLE event_figures (
    event_id           bigint         NOT NULL,
    at                 timestamptz    NOT NULL,
    bookings_count     integer        NOT NULL,
    tickets_sold       integer        NOT NULL,
    revenue            numeric        NOT NULL,
    tickets_checked_in integer        NOT NULL,
    CONSTRAINT event_figures_pkey PRIMARY KEY (event_id, at)
)
-- Rows are inserted and never change: freeze them soon, while they are in memory.
WITH (autovacuum_vacuum_insert_scale_factor = 0.02);

COMMENT ON TABLE event_figures IS
    'Append-only history of the counters of events: one row for each change. event_as_of() reads '
    'it.';
COMMENT ON COLUMN event_figures.event_id IS 'The event. After a repair it may be gone.';
COMMENT ON COLUMN event_figures.at IS
    'When the counters took these values. Read under the event''s lock; always later than the row '
    'before, even when the clock is set back. The transaction may have committed a little later.';
COMMENT ON COLUMN event_figures.bookings_count IS 'As events.bookings_count was.';
COMMENT ON COLUMN event_figures.tickets_sold IS 'As events.tickets_sold was.';
COMMENT ON COLUMN event_figures.revenue IS 'As events.revenue was.';
COMMENT ON COLUMN event_figures.tickets_checked_in IS 'As events.tickets_checked_in was.';

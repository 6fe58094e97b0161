-- Guards of event_figures, the history of counters.

CREATE TRIGGER event_figures_are_written_by_triggers
BEFORE INSERT ON event_figures
FOR EACH STATEMENT
WHEN (pg_trigger_depth() = 0)
EXECUTE FUNCTION refuse_change_unless_repairing('event_figures is written by triggers');
COMMENT ON TRIGGER event_figures_are_written_by_triggers ON event_figures IS
    'Nobody invents a past.';

CREATE TRIGGER event_figures_are_append_only
BEFORE UPDATE OR DELETE ON event_figures
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_unless_repairing('event_figures is append-only');
COMMENT ON TRIGGER event_figures_are_append_only ON event_figures IS 'Nobody rewrites history.';

CREATE TRIGGER event_figures_are_never_truncated
BEFORE TRUNCATE ON event_figures
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('event_figures is append-only');
COMMENT ON TRIGGER event_figures_are_never_truncated ON event_figures IS
    'Nobody empties the history.';

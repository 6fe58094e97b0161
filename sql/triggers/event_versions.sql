-- Guards of event_versions, the history of edits.

CREATE TRIGGER event_versions_are_written_by_triggers
BEFORE INSERT ON event_versions
FOR EACH STATEMENT
WHEN (pg_trigger_depth() = 0)
EXECUTE FUNCTION refuse_change_unless_repairing('event_versions is written by triggers');
COMMENT ON TRIGGER event_versions_are_written_by_triggers ON event_versions IS
    'Nobody invents a past.';

CREATE TRIGGER event_versions_are_append_only
BEFORE UPDATE OR DELETE ON event_versions
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_unless_repairing('event_versions is append-only');
COMMENT ON TRIGGER event_versions_are_append_only ON event_versions IS 'Nobody rewrites history.';

CREATE TRIGGER event_versions_are_never_truncated
BEFORE TRUNCATE ON event_versions
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('event_versions is append-only');
COMMENT ON TRIGGER event_versions_are_never_truncated ON event_versions IS
    'Nobody empties the history.';

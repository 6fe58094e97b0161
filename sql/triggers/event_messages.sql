-- Guards of event_messages, the record of what guests were told.

CREATE TRIGGER event_messages_are_append_only
BEFORE UPDATE OR DELETE ON event_messages
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_unless_repairing('event_messages is append-only');
COMMENT ON TRIGGER event_messages_are_append_only ON event_messages IS
    'Nobody rewrites what guests were told.';

CREATE TRIGGER event_messages_are_never_truncated
BEFORE TRUNCATE ON event_messages
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('event_messages is append-only');
COMMENT ON TRIGGER event_messages_are_never_truncated ON event_messages IS
    'Nobody empties the record of messages.';

-- Guards of event_words, the words that a search can find.

CREATE TRIGGER event_words_are_kept_by_triggers
BEFORE INSERT OR UPDATE OR DELETE ON event_words
FOR EACH STATEMENT
WHEN (pg_trigger_depth() = 0)
EXECUTE FUNCTION refuse_change_unless_repairing('event_words is kept by triggers on events');
COMMENT ON TRIGGER event_words_are_kept_by_triggers ON event_words IS
    'A word with a wrong count is no longer found, or is found for ever.';

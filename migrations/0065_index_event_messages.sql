-- The messages to the guests of an event are listed through an index.
-- transactional: false
-- depends: 0064_index_notices

-- squawk-ignore ban-concurrent-index-creation-in-transaction
CREATE INDEX CONCURRENTLY event_messages_by_event ON event_messages (event_id, id);

COMMENT ON INDEX event_messages_by_event IS 'For list_event_messages.';

-- Takes 0033_create_events_once back.

DROP FUNCTION create_event_once;

DROP TABLE event_creations;

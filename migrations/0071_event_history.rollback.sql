-- Takes 0071_event_history back.

DROP VIEW event_history;

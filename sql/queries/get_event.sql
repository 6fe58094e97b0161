-- One event, of any status.
SELECT *
FROM event_availability
WHERE event_id = :event_id;

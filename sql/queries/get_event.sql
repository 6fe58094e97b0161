-- One event, of any status, with its statistics.
SELECT *
FROM event_details
WHERE event_id = :event_id;

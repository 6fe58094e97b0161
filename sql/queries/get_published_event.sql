-- One event with its statistics, unless it is a draft, or was cancelled as one.
SELECT *
FROM event_details
WHERE event_id = :event_id
    AND status <> 'draft'
    AND (status <> 'cancelled' OR was_published(event_id));

-- Moves an event to another instant at the same local time. :version: the one that was read.
SELECT moved.id
FROM events
CROSS JOIN LATERAL update_event(
    events.id,
    jsonb_build_object('date_time', :date_time::timestamptz, 'local_date_time', local_date_time),
    :version,
    NULL
) AS moved
WHERE events.id = :event_id;

-- Moves an event to another instant at the same local time. $1: its id; $2: the instant; $3: the
-- version that was read.
SELECT moved.id
FROM events
CROSS JOIN LATERAL update_event(
    events.id,
    jsonb_build_object('date_time', $2::timestamptz, 'local_date_time', local_date_time),
    $3,
    NULL
) AS moved
WHERE events.id = $1;

-- The contradictions in an event at this moment; one row with no kind when there are none.
SELECT
    violation.kind,
    violation.table_name,
    violation.row_id,
    violation.expected,
    violation.actual,
    violation.event_id,
    now() AS checked_at
FROM events
LEFT JOIN LATERAL integrity_violations_of(events.id, events.id) AS violation ON true
WHERE events.id = :event_id
LIMIT :limit;

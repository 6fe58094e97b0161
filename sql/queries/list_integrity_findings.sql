-- How far the sweep has come, beside each of the first findings; one row with no kind when there
-- are none.
SELECT
    sweep.began_at,
    sweep.ended_at,
    coalesce(sweep.events_checked, 0) AS events_checked,
    coalesce(sweep.events_total, 0) AS events_total,
    (SELECT count(*) FROM integrity_findings) AS violations,
    finding.kind,
    finding.table_name,
    finding.row_id,
    finding.expected,
    finding.actual,
    finding.event_id
FROM (SELECT 1) AS always
LEFT JOIN integrity_sweep AS sweep ON true
LEFT JOIN (SELECT * FROM integrity_findings ORDER BY id LIMIT :limit) AS finding ON true
ORDER BY finding.id;

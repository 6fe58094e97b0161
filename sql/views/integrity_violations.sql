-- integrity_violations: every row that contradicts another. Always empty; a row here means that
-- somebody bypassed the rules, and says where. It reads the whole database, which takes
-- seconds with millions of bookings: the sweep checks the same in slices, and
-- integrity_violations_of() checks one event.

CREATE VIEW integrity_violations AS
SELECT
    kind,
    table_name,
    row_id,
    expected,
    actual,
    event_id
FROM integrity_violations_of(-9223372036854775808, 9223372036854775807)
UNION ALL
SELECT
    kind,
    table_name,
    row_id,
    expected,
    actual,
    NULL
FROM integrity_violations_outside_events;

COMMENT ON VIEW integrity_violations IS
    'One row for each contradiction between rows. Empty is healthy. Reads the whole database; '
    'integrity_violations_of() reads one event.';
COMMENT ON COLUMN integrity_violations.kind IS 'What is wrong.';
COMMENT ON COLUMN integrity_violations.row_id IS
    'The id of the row that is wrong, in table_name; 0 for a word, which has none.';
COMMENT ON COLUMN integrity_violations.expected IS 'What the other rows say it should be.';
COMMENT ON COLUMN integrity_violations.actual IS 'What it is. NULL: there is no such row.';
COMMENT ON COLUMN integrity_violations.event_id IS
    'The event it is part of. NULL: it is part of none.';

SELECT kind, table_name, row_id, expected, actual
FROM integrity_violations
ORDER BY table_name, row_id, kind
LIMIT $1;

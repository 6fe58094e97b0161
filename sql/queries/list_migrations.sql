-- The migrations that are applied, for /readyz. The table is yoyo's.
SELECT migration_id
FROM _yoyo_migration;

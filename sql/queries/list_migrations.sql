-- What is applied, for /readyz: the table is yoyo's.
SELECT migration_id
FROM _yoyo_migration;

-- The rights of PUBLIC, that is of every role that can connect: only those granted by name. This
-- file is read first, because a function is created with the rights that are the default at that
-- moment.
--
-- Functions that run with the rights of their owner look for tables and functions in the schema
-- public. PostgreSQL 15 and later let nobody but the owner of a new database create objects
-- there. A database that pg_upgrade brought from an older version still lets everybody do so, and
-- an analyst could then place a function of their own where such a function finds it first.
--
-- PUBLIC keeps the right to create temporary tables: analysts need working copies, and every
-- function here that runs with other rights than the caller's looks into pg_temp last.

REVOKE CREATE ON SCHEMA public FROM PUBLIC;

DO $$
BEGIN
    IF has_schema_privilege('public', 'public', 'CREATE') THEN
        RAISE EXCEPTION
            'everybody may create objects in the schema public, and % may not change that',
            current_user
            USING ERRCODE = 'insufficient_privilege',
                HINT = 'Have a superuser run in this database: '
                    'REVOKE CREATE ON SCHEMA public FROM PUBLIC.';
    END IF;
END;
$$;

ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- The guards of the ledger. Nobody can delete or rewrite a sale, its tickets, its counters or the
-- log, by any statement: the guards are triggers, so they hold for the owner of the database in
-- psql as well. Each refuses with a sentence that says what to do instead. The only way past most
-- of them is an announced repair (sql/functions/repairs.sql).
--
-- A guard with pg_trigger_depth() = 0 in its WHEN clause applies to statements that a client sends
-- or that a function runs. It does not apply to statements that a trigger runs, so the triggers
-- that keep the counters may change them.

CREATE FUNCTION refuse_change()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation';
END;
$$;
COMMENT ON FUNCTION refuse_change IS
    'Trigger: refuses the statement with the sentence given as its argument.';

CREATE FUNCTION refuse_change_unless_repairing()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    IF NOT repair_begun() THEN
        RAISE EXCEPTION '%', TG_ARGV[0]
            USING ERRCODE = 'restrict_violation',
                HINT = 'The owner of the database can announce a repair: '
                    'SELECT begin_repair(''why'').';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION refuse_change_unless_repairing IS
    'Trigger: refuses the statement with the sentence given as its argument, except in a '
    'transaction that has called begin_repair().';

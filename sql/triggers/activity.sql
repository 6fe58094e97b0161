-- Guards of activity, the log, and the number of the transaction that wrote each line.

CREATE TRIGGER activity_is_append_only
BEFORE UPDATE OR DELETE ON activity
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_unless_repairing('activity is append-only');
COMMENT ON TRIGGER activity_is_append_only ON activity IS 'Nobody rewrites the log.';

CREATE TRIGGER activity_is_never_truncated
BEFORE TRUNCATE ON activity
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('activity is append-only');
COMMENT ON TRIGGER activity_is_never_truncated ON activity IS 'Nobody empties the log.';

CREATE FUNCTION stamp_transaction()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    IF NOT repair_begun() THEN
        NEW.written_in := pg_current_xact_id();
    END IF;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION stamp_transaction IS
    'Trigger: sets written_in to the transaction that writes the row, except in a repair.';

CREATE TRIGGER activity_stamp_transaction
BEFORE INSERT ON activity
FOR EACH ROW
WHEN (NEW.written_in <> pg_current_xact_id())
EXECUTE FUNCTION stamp_transaction();
COMMENT ON TRIGGER activity_stamp_transaction ON activity IS
    'A line with the number of another transaction could be missed by those who read the facts.';

-- Guards of repairs, the record of announced repairs.

CREATE TRIGGER repairs_are_of_their_own_transaction
BEFORE INSERT ON repairs
FOR EACH ROW
WHEN (
    NEW.transaction_id IS DISTINCT FROM pg_current_xact_id()
    OR NEW.at NOT BETWEEN transaction_timestamp() AND clock_timestamp()
    OR NEW.login IS DISTINCT FROM session_user::text
)
EXECUTE FUNCTION refuse_change(
    'a repair is announced in its own transaction and name: SELECT begin_repair(''why'')'
);
COMMENT ON TRIGGER repairs_are_of_their_own_transaction ON repairs IS
    'A repair row can only name the transaction, the time and the login of the statement that '
    'inserts it. So this also refuses a data-only restore into a migrated database.';

CREATE TRIGGER repairs_are_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON repairs
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('repairs is append-only');
COMMENT ON TRIGGER repairs_are_append_only ON repairs IS 'A repair cannot remove its own record.';

-- Every ticket code has its check symbol, those of the first release as well. A code that has not,
-- written by hand, must not stop the upgrade: integrity_violations names it until it is replaced
-- and the constraint is validated.
-- depends: 0013_index_bookings_by_time

DO $$
BEGIN
    ALTER TABLE tickets VALIDATE CONSTRAINT tickets_code_has_check_symbol;
EXCEPTION
    WHEN check_violation THEN
        RAISE WARNING 'some ticket codes have a wrong check symbol: see integrity_violations, then'
            ' ALTER TABLE tickets VALIDATE CONSTRAINT tickets_code_has_check_symbol';
END;
$$;

-- Takes 0014_validate_ticket_codes back.

ALTER TABLE tickets DROP CONSTRAINT tickets_code_has_check_symbol;
ALTER TABLE tickets ADD CONSTRAINT tickets_code_has_check_symbol CHECK (
    right(ticket_code, 1) = ticket_code_check_symbol(replace(left(ticket_code, 23), '-', ''))
) NOT VALID;

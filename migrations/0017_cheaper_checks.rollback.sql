-- Takes 0017_cheaper_checks back.

CREATE OR REPLACE FUNCTION has_control_characters(p_text text)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN p_text ~ '[\u0001-\u001f\u007f-\u009f]';

-- Takes 0005_end_sign_in_by_function back.

DROP FUNCTION end_sign_in(bigint, bytea, bigint, text);

-- Takes 0004_end_sign_in_by_function back.

GRANT INSERT (token_hash, user_id) ON sessions TO ticketing_api;
GRANT SELECT (id), DELETE ON sign_in_failures TO ticketing_api;

DROP FUNCTION end_sign_in(bigint, bytea, bigint, text);

-- Takes 0027_read_one_event_through_indexes back.

ALTER FUNCTION integrity_violations_of(bigint, bigint) RESET random_page_cost;

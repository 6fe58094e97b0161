-- A customer's notices are listed through an index.
-- transactional: false
-- depends: 0063_show_notices

-- squawk-ignore ban-concurrent-index-creation-in-transaction
CREATE INDEX CONCURRENTLY notices_by_user ON notices (user_id, id);

COMMENT ON INDEX notices_by_user IS 'For list_notices.';

-- Mails that could not be sent are found through an index.
-- transactional: false
-- depends: 0067_index_verified_email

-- squawk-ignore ban-concurrent-index-creation-in-transaction
CREATE INDEX CONCURRENTLY mails_failing ON mails (id) WHERE last_error IS NOT NULL;

COMMENT ON INDEX mails_failing IS 'For failing_mails. Partial: most mails do not fail.';

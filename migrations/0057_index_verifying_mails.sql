-- How many mails to verify it an address got is found through an index.
-- transactional: false
-- depends: 0056_send_mails

-- squawk-ignore ban-concurrent-index-creation-in-transaction
CREATE INDEX CONCURRENTLY mails_verifying_address
ON mails (address, created_at)
WHERE purpose = 'email-verification';

COMMENT ON INDEX mails_verifying_address IS
    'For send_verification. Partial: most mails bring notices.';

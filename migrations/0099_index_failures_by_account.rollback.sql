-- transactional: false

-- squawk-ignore ban-concurrent-index-creation-in-transaction
DROP INDEX CONCURRENTLY sign_in_failures_by_account;

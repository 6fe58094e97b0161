-- transactional: false

-- squawk-ignore ban-concurrent-index-creation-in-transaction
DROP INDEX CONCURRENTLY users_owned_phone_unique;

-- The failures for an account from anywhere are counted through an index.
-- transactional: false
-- depends: 0098_known_devices

-- squawk-ignore ban-concurrent-index-creation-in-transaction
CREATE INDEX CONCURRENTLY sign_in_failures_by_account
ON sign_in_failures (coalesce(phone, email), at);

COMMENT ON INDEX sign_in_failures_by_account IS
    'For counting recent failures for an account from anywhere.';

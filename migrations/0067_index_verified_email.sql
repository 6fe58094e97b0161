-- The accounts with a mail address are found through an index.
-- transactional: false
-- depends: 0066_ask_for_passwords

-- squawk-ignore ban-concurrent-index-creation-in-transaction
CREATE INDEX CONCURRENTLY users_by_verified_email
ON users (lower(email))
WHERE email_verified_at IS NOT NULL;

COMMENT ON INDEX users_by_verified_email IS
    'For request_password_reset. Partial: most users have no verified address.';

-- A number that was lost may have another user.
-- transactional: false
-- depends: 0074_validate_account_states

-- squawk-ignore ban-concurrent-index-creation-in-transaction
CREATE UNIQUE INDEX CONCURRENTLY users_owned_phone_unique
ON users (phone)
WHERE phone_lost_at IS NULL;

COMMENT ON INDEX users_owned_phone_unique IS
    'A number belongs to one user. Partial: a number that was lost may have another user.';

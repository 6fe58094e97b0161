-- Takes 0073_account_states back. It stops when a user was erased: the earlier release needs a phone
-- number for each.

ALTER TABLE users
    DROP CONSTRAINT users_lost_phone_not_verified,
    DROP CONSTRAINT users_phone_unless_erased,
    ALTER COLUMN search_text SET NOT NULL,
    ALTER COLUMN phone SET NOT NULL,
    DROP COLUMN erased_at,
    DROP COLUMN disabled_at,
    DROP COLUMN phone_lost_at,
    DROP COLUMN phone_verified_at;

COMMENT ON COLUMN users.phone IS 'E.164, unique: what a person signs in with.';
COMMENT ON COLUMN users.search_text IS
    'What searches look through: search_text() of name and phone.';

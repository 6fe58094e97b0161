-- Takes 0074_validate_account_states back.

ALTER TABLE users
    DROP CONSTRAINT users_phone_unless_erased,
    DROP CONSTRAINT users_lost_phone_not_verified;
ALTER TABLE users
    ADD CONSTRAINT users_phone_unless_erased CHECK (
        (phone IS NULL) = (erased_at IS NOT NULL)
    ) NOT VALID,
    ADD CONSTRAINT users_lost_phone_not_verified CHECK (
        phone_lost_at IS NULL OR phone_verified_at IS NULL
    ) NOT VALID;

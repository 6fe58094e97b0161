-- Takes 0095_validate_erased_users back.

ALTER TABLE users DROP CONSTRAINT users_erased_without_person;
ALTER TABLE users
    ADD CONSTRAINT users_erased_without_person CHECK (
        erased_at IS NULL
        OR (name = 'Erased' AND email IS NULL AND password_hash IS NULL AND role = 'customer')
    ) NOT VALID;

-- Validates the CHECKs that 0073_account_states added. It reads every user and takes no lock that a
-- sign-in waits for: so it is a step of its own.
-- depends: 0073_account_states

ALTER TABLE users
    VALIDATE CONSTRAINT users_phone_unless_erased,
    VALIDATE CONSTRAINT users_lost_phone_not_verified;

-- Validates the CHECK that 0094_erase_users added. It reads every user and takes no lock that a
-- sign-in waits for: so it is a step of its own.
-- depends: 0094_erase_users

ALTER TABLE users VALIDATE CONSTRAINT users_erased_without_person;

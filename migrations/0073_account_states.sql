-- Accounts can be disabled and erased, and a phone number can be verified and lost to another user.
-- depends: 0072_search_descriptions

ALTER TABLE users
    ADD COLUMN phone_verified_at timestamptz,
    ADD COLUMN phone_lost_at timestamptz,
    ADD COLUMN disabled_at timestamptz,
    ADD COLUMN erased_at timestamptz,
    -- squawk-ignore ban-drop-not-null
    ALTER COLUMN phone DROP NOT NULL,
    -- squawk-ignore ban-drop-not-null
    ALTER COLUMN search_text DROP NOT NULL,
    ADD CONSTRAINT users_phone_unless_erased CHECK (
        (phone IS NULL) = (erased_at IS NOT NULL)
    ) NOT VALID,
    ADD CONSTRAINT users_lost_phone_not_verified CHECK (
        phone_lost_at IS NULL OR phone_verified_at IS NULL
    ) NOT VALID;

COMMENT ON COLUMN users.phone IS
    'E.164: what a person signs in with. NULL: the user is erased.';
COMMENT ON COLUMN users.search_text IS
    'What searches look through: search_text() of name and phone. NULL: the user is erased.';
COMMENT ON COLUMN users.phone_verified_at IS
    'When the user showed that the number is theirs. NULL: not yet.';
COMMENT ON COLUMN users.phone_lost_at IS
    'When another user showed that the number is theirs. This user cannot sign in with it any '
    'longer. NULL: the number is this user''s.';
COMMENT ON COLUMN users.disabled_at IS
    'When an admin disabled the account: its user cannot sign in. NULL: not disabled.';
COMMENT ON COLUMN users.erased_at IS
    'When the personal data of the user was erased. NULL: it is there.';

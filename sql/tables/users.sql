-- users: everybody who books or works here. A phone number names a person; a password lets
-- them sign in. Users with bookings are never deleted: they are part of the ledger. A person who
-- wants to be forgotten is erased: the row stays, without the person.

CREATE TABLE users (
    id            bigint      GENERATED ALWAYS AS IDENTITY,
    name          text        NOT NULL,
    phone         text,                          -- E.164: +4915112345678. NULL: erased
    role          user_role   NOT NULL DEFAULT 'customer',
    password_hash text,                          -- NULL: cannot sign in (a box-office customer)
    created_at    timestamptz NOT NULL DEFAULT now(),
    search_text   text                           -- NULL: erased
        GENERATED ALWAYS AS (search_text(name || ' ' || phone)) STORED,
    email         text COLLATE "C",              -- NULL: no address is known
    email_verified_at timestamptz,               -- NULL: the address is not verified
    optional_mail boolean     NOT NULL DEFAULT true,
    phone_verified_at timestamptz,               -- NULL: nobody has shown that it is theirs
    phone_lost_at timestamptz,                   -- NULL: the number is this user's
    disabled_at   timestamptz,                   -- NULL: may sign in
    erased_at     timestamptz,                   -- NULL: a person
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_name_not_blank CHECK (NOT is_blank(name)),
    CONSTRAINT users_name_within_200 CHECK (char_length(name) <= 200),
    CONSTRAINT users_name_one_line CHECK (NOT has_control_characters(name)),
    CONSTRAINT users_name_no_direction_overrides CHECK (NOT has_direction_overrides(name)),
    CONSTRAINT users_phone_e164 CHECK (phone ~ '^\+[1-9][0-9]{4,14}$'),
    CONSTRAINT users_password_hash_argon2id CHECK (password_hash LIKE '$argon2id$%'),
    CONSTRAINT users_email_is_mail_address CHECK (is_mail_address(email)),
    CONSTRAINT users_email_verified_only_with_email CHECK (
        email_verified_at IS NULL OR email IS NOT NULL
    ),
    CONSTRAINT users_phone_unless_erased CHECK ((phone IS NULL) = (erased_at IS NOT NULL)),
    CONSTRAINT users_lost_phone_not_verified CHECK (
        phone_lost_at IS NULL OR phone_verified_at IS NULL
    ),
    CONSTRAINT users_erased_without_person CHECK (
        erased_at IS NULL
        OR (name = 'Erased' AND email IS NULL AND password_hash IS NULL AND role = 'customer')
    )
);

-- A number belongs to one user, who signs in with it.
CREATE UNIQUE INDEX users_phone_unique ON users (phone) WHERE phone_lost_at IS NULL;

-- search_users.sql: the box office finds a customer by part of a name or phone number.
CREATE INDEX users_search ON users USING gin (search_text gin_trgm_ops);

-- request_password_reset(): the accounts with a mail address.
CREATE INDEX users_by_verified_email ON users (lower(email)) WHERE email_verified_at IS NOT NULL;

-- search_admins.sql, search_disabled_users.sql, keep_an_admin()
CREATE INDEX users_admins_and_disabled
    ON users (id)
    WHERE role = 'admin' OR disabled_at IS NOT NULL;

COMMENT ON TABLE users IS
    'Customers and admins. With bookings they cannot be deleted: they are part of the ledger.';
COMMENT ON COLUMN users.phone IS
    'E.164: what a person signs in with. NULL: the user is erased.';
COMMENT ON COLUMN users.role IS
    'Set when the user is created, or by set_user_role and make_admin.';
COMMENT ON COLUMN users.password_hash IS
    'argon2id, encoded. NULL: this user cannot sign in (a customer created at the box office).';
COMMENT ON COLUMN users.search_text IS
    'What searches look through: search_text() of name and phone. NULL: the user is erased.';
COMMENT ON COLUMN users.email IS
    'Where mail goes once the user has opened the link in the first one. NULL: no address is '
    'known.';
COMMENT ON COLUMN users.email_verified_at IS
    'When the user opened that link. NULL: the address is not verified, and gets nothing else.';
COMMENT ON COLUMN users.optional_mail IS
    'Whether the user wants optional mail: reminders and messages of organisers.';
COMMENT ON COLUMN users.phone_verified_at IS
    'When the user showed that the number is theirs. NULL: not yet.';
COMMENT ON COLUMN users.phone_lost_at IS
    'When another user showed that the number is theirs. This user cannot sign in with it any '
    'longer. NULL: the number is this user''s.';
COMMENT ON COLUMN users.disabled_at IS
    'When an admin disabled the account: its user cannot sign in. NULL: not disabled.';
COMMENT ON COLUMN users.erased_at IS
    'When erase_user() erased the personal data of the user. NULL: it is there.';
COMMENT ON INDEX users_phone_unique IS
    'A number belongs to one user. Partial: a number that was lost may have another user.';
COMMENT ON INDEX users_search IS 'For search_users: part of a name or phone number.';
COMMENT ON INDEX users_by_verified_email IS
    'For request_password_reset. Partial: most users have no verified address.';
COMMENT ON INDEX users_admins_and_disabled IS
    'For search_admins, search_disabled_users and keep_an_admin. Partial: most users are customers '
    'who may sign in.';

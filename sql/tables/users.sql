-- users: everybody who books or works here. A phone number names a person; a password lets
-- them sign in. Users with bookings are never deleted: they are part of the ledger.

CREATE TABLE users (
    id            bigint      GENERATED ALWAYS AS IDENTITY,
    name          text        NOT NULL,
    phone         text        NOT NULL,                     -- E.164: +4915112345678
    role          user_role   NOT NULL DEFAULT 'customer',
    password_hash text,                          -- NULL: cannot sign in (a box-office customer)
    created_at    timestamptz NOT NULL DEFAULT now(),
    search_text   text        NOT NULL
        GENERATED ALWAYS AS (search_text(name || ' ' || phone)) STORED,
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_phone_unique UNIQUE (phone),
    CONSTRAINT users_name_not_blank CHECK (NOT is_blank(name)),
    CONSTRAINT users_name_within_200 CHECK (char_length(name) <= 200),
    CONSTRAINT users_name_one_line CHECK (NOT has_control_characters(name)),
    CONSTRAINT users_phone_e164 CHECK (phone ~ '^\+[1-9][0-9]{4,14}$'),
    CONSTRAINT users_password_hash_argon2id CHECK (password_hash LIKE '$argon2id$%')
);

-- search_users.sql: the box office finds a customer by part of a name or phone number.
CREATE INDEX users_search ON users USING gin (search_text gin_trgm_ops);

COMMENT ON TABLE users IS
    'Customers and admins. With bookings they cannot be deleted: they are part of the ledger.';
COMMENT ON COLUMN users.phone IS 'E.164, unique: what a person signs in with.';
COMMENT ON COLUMN users.role IS
    'Set when the user is created, or by make_admin; the API role may not change it.';
COMMENT ON COLUMN users.password_hash IS
    'argon2id, encoded. NULL: this user cannot sign in (a customer created at the box office).';
COMMENT ON COLUMN users.search_text IS
    'What searches look through: search_text() of name and phone.';
COMMENT ON INDEX users_search IS 'For search_users: part of a name or phone number.';

-- password_codes: the codes with which users choose a password, made for them by an admin. The
-- admin does not learn the password. A code is entered together with the phone or the mail address
-- of the account, and wrong ones count as failed sign-ins.
--
-- A code has sixty random bits and is valid for 15 minutes, so that its hash cannot be reversed in
-- time.

CREATE TABLE password_codes (
    user_id    bigint      NOT NULL,
    code_hash  bytea       NOT NULL,
    expires_at timestamptz NOT NULL DEFAULT now() + interval '15 minutes',
    CONSTRAINT password_codes_pkey PRIMARY KEY (user_id),
    CONSTRAINT password_codes_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT password_codes_code_hash_is_sha256 CHECK (octet_length(code_hash) = 32)
);

-- purge(): expired codes.
CREATE INDEX password_codes_by_expires_at ON password_codes (expires_at);

COMMENT ON TABLE password_codes IS
    'The codes that admins made for users who are to choose a password: one for a user, and '
    'deleted once it is used.';
COMMENT ON COLUMN password_codes.code_hash IS 'SHA-256 of the code; the code itself is not stored.';
COMMENT ON COLUMN password_codes.expires_at IS 'When the code ends to be valid.';
COMMENT ON INDEX password_codes_by_expires_at IS 'For removing expired codes.';

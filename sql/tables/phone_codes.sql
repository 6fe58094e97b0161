-- phone_codes: the codes that were sent to phones and may still be entered. Anyone who enters the
-- code shows that the number is theirs: they sign up with it, or give it to their account.
--
-- A code has six digits, so its hash alone would be guessed at once. It is hashed together with a
-- token of 256 random bits, which the browser that asked for the code keeps and which is not
-- stored.

CREATE TABLE phone_codes (
    id            bigint      GENERATED ALWAYS AS IDENTITY,
    token_hash    bytea       NOT NULL,
    code_hash     bytea       NOT NULL,
    phone         text        NOT NULL,
    user_id       bigint,                        -- NULL: for signing up
    name          text,                          -- NULL: for a user who is there
    password_hash text,                          -- NULL: for a user who is there
    failures      integer     NOT NULL DEFAULT 0,
    expires_at    timestamptz NOT NULL DEFAULT now() + interval '15 minutes',
    CONSTRAINT phone_codes_pkey PRIMARY KEY (id),
    CONSTRAINT phone_codes_token_hash_unique UNIQUE (token_hash),
    CONSTRAINT phone_codes_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT phone_codes_token_hash_is_sha256 CHECK (octet_length(token_hash) = 32),
    CONSTRAINT phone_codes_code_hash_is_sha256 CHECK (octet_length(code_hash) = 32),
    CONSTRAINT phone_codes_phone_e164 CHECK (phone ~ '^\+[1-9][0-9]{4,14}$'),
    CONSTRAINT phone_codes_failures_at_most_5 CHECK (failures BETWEEN 0 AND 5),
    CONSTRAINT phone_codes_for_user_or_sign_up CHECK (
        (user_id IS NULL) = (name IS NOT NULL)
        AND (user_id IS NULL) = (password_hash IS NOT NULL)
    )
);

-- prove_phone(): the other codes for a number end.
CREATE INDEX phone_codes_by_phone ON phone_codes (phone);

-- request_phone_code(): a user's earlier codes end.
CREATE INDEX phone_codes_by_user ON phone_codes (user_id) WHERE user_id IS NOT NULL;

-- delete_old_phone_codes(): expired codes.
CREATE INDEX phone_codes_by_expires_at ON phone_codes (expires_at);

COMMENT ON TABLE phone_codes IS
    'The codes that were sent to phones and may still be entered. One that was used is deleted.';
COMMENT ON COLUMN phone_codes.token_hash IS
    'SHA-256 of the token that the browser keeps which asked for the code; the token itself is '
    'not stored.';
COMMENT ON COLUMN phone_codes.code_hash IS
    'SHA-256 of the token and the code together. Without the token nobody can find the code.';
COMMENT ON COLUMN phone_codes.phone IS 'E.164: where the code was sent to.';
COMMENT ON COLUMN phone_codes.user_id IS
    'Whose number it is to be. NULL: of an account that is made once the code is entered.';
COMMENT ON COLUMN phone_codes.name IS 'The name of that new account. NULL: for a user.';
COMMENT ON COLUMN phone_codes.password_hash IS
    'argon2id, encoded: the password of that new account. NULL: for a user.';
COMMENT ON COLUMN phone_codes.failures IS 'How many wrong codes were entered: five at most.';
COMMENT ON COLUMN phone_codes.expires_at IS 'When the code ends to be valid.';
COMMENT ON INDEX phone_codes_by_phone IS 'For ending the other codes for a number.';
COMMENT ON INDEX phone_codes_by_user IS
    'For ending a user''s earlier codes. Partial: codes for signing up have no user.';
COMMENT ON INDEX phone_codes_by_expires_at IS 'For removing expired codes.';

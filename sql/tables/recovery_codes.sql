-- recovery_codes: what a user who has lost the authenticator app signs in with, instead of its
-- code. Each has 120 random bits, so that its hash cannot be reversed, and works once.

CREATE TABLE recovery_codes (
    user_id   bigint NOT NULL,
    code_hash bytea  NOT NULL,
    CONSTRAINT recovery_codes_pkey PRIMARY KEY (user_id, code_hash),
    CONSTRAINT recovery_codes_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT recovery_codes_code_hash_is_sha256 CHECK (octet_length(code_hash) = 32)
);

COMMENT ON TABLE recovery_codes IS
    'The recovery codes that are left of each user with a second factor. One that was used is '
    'deleted.';
COMMENT ON COLUMN recovery_codes.code_hash IS 'SHA-256 of the code; the code itself is not stored.';

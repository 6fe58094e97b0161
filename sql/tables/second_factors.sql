-- second_factors: the authenticator app of a user, which shows a code of six digits for every half
-- minute (TOTP, RFC 6238). The secret is stored as it is, because codes are computed from it. So
-- nobody but the owner of the database may read this table, and no export and no view has it.

CREATE TABLE second_factors (
    user_id      bigint      NOT NULL,
    secret       text COLLATE "C" NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    confirmed_at timestamptz,                    -- NULL: no code of the app was entered yet
    last_step    bigint,                         -- NULL: no code was used yet
    CONSTRAINT second_factors_pkey PRIMARY KEY (user_id),
    CONSTRAINT second_factors_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT second_factors_secret_160_bits CHECK (secret ~ '^[A-Z2-7]{32}$'),
    CONSTRAINT second_factors_used_only_when_confirmed CHECK (
        last_step IS NULL OR confirmed_at IS NOT NULL
    )
);

COMMENT ON TABLE second_factors IS
    'The authenticator apps of users: one for a user. Only functions read it.';
COMMENT ON COLUMN second_factors.secret IS
    'What the app and the site have in common: 160 random bits in base32.';
COMMENT ON COLUMN second_factors.confirmed_at IS
    'When a code of the app was entered for the first time, so that the factor is on. NULL: the '
    'user has begun to set it up.';
COMMENT ON COLUMN second_factors.last_step IS
    'The half minute of the last code that was used, counted from 1970. A code of it or of an '
    'earlier one is refused, so each works once. NULL: none was used.';

-- sign_in_failures: what makes guessing passwords slow. An attempt is written before the
-- password is looked at and taken back when it was right, so attempts made at the same time
-- all count. Kept in the database so that every API process counts alike.

CREATE TABLE sign_in_failures (
    id      bigint      GENERATED ALWAYS AS IDENTITY,
    phone   text        NOT NULL,
    address inet        NOT NULL,
    at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT sign_in_failures_pkey PRIMARY KEY (id),
    CONSTRAINT sign_in_failures_phone_e164 CHECK (phone ~ '^\+[1-9][0-9]{4,14}$')
);

-- begin_sign_in(): recent failures from an address, and of them those for a phone.
CREATE INDEX sign_in_failures_by_address ON sign_in_failures (address, at);

-- begin_sign_in(): old ones go when new ones come.
CREATE INDEX sign_in_failures_by_at ON sign_in_failures (at);

COMMENT ON TABLE sign_in_failures IS
    'Recent failed sign-ins, for limiting them; rows older than 15 minutes mean nothing and are '
    'removed.';
COMMENT ON COLUMN sign_in_failures.phone IS
    'The phone that was tried, whether or not a user has it.';
COMMENT ON COLUMN sign_in_failures.address IS 'The network address the attempt came from.';
COMMENT ON INDEX sign_in_failures_by_address IS 'For counting recent failures from an address.';
COMMENT ON INDEX sign_in_failures_by_at IS 'For removing old rows.';

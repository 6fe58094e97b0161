-- sign_in_failures: what makes guessing passwords slow. An attempt is written before the
-- password is looked at and taken back when it was right, so attempts made at the same time
-- all count. Kept in the database so that every API process counts alike.

CREATE TABLE sign_in_failures (
    id      bigint      GENERATED ALWAYS AS IDENTITY,
    phone   text,                                -- NULL: a mail address was tried
    address inet        NOT NULL,
    at      timestamptz NOT NULL DEFAULT now(),
    email   text,                                -- NULL: a phone was tried
    device_hash bytea,                           -- NULL: a browser that the account does not know
    CONSTRAINT sign_in_failures_pkey PRIMARY KEY (id),
    CONSTRAINT sign_in_failures_phone_e164 CHECK (phone ~ '^\+[1-9][0-9]{4,14}$'),
    CONSTRAINT sign_in_failures_phone_or_email CHECK (num_nonnulls(phone, email) = 1)
);

-- count_sign_in_attempt(): recent failures from an address, and of them those for an account.
CREATE INDEX sign_in_failures_by_address ON sign_in_failures (address, at);

-- count_sign_in_attempt(): recent failures for an account from anywhere.
CREATE INDEX sign_in_failures_by_account ON sign_in_failures (coalesce(phone, email), at);

-- count_sign_in_attempt(): old ones go when new ones come.
CREATE INDEX sign_in_failures_by_at ON sign_in_failures (at);

COMMENT ON TABLE sign_in_failures IS
    'Recent failed sign-ins, for limiting them; rows older than an hour mean nothing and are '
    'removed.';
COMMENT ON COLUMN sign_in_failures.phone IS
    'The phone that was tried, whether or not a user has it. NULL: a mail address was tried.';
COMMENT ON COLUMN sign_in_failures.address IS
    'Where the attempt came from: an IPv4 address, or the /64 network of an IPv6 address.';
COMMENT ON COLUMN sign_in_failures.email IS
    'The mail address that was tried, in small letters, whether or not a user has it. NULL: a '
    'phone was tried.';
COMMENT ON COLUMN sign_in_failures.device_hash IS
    'The browser that tried, if it is a known device of the account: it has a limit of its own. '
    'NULL: it is not.';
COMMENT ON INDEX sign_in_failures_by_account IS
    'For counting recent failures for an account from anywhere.';
COMMENT ON INDEX sign_in_failures_by_address IS 'For counting recent failures from an address.';
COMMENT ON INDEX sign_in_failures_by_at IS 'For removing old rows.';

-- calendars: the private address at which a customer's calendar program reads their bookings. Only
-- a hash of the secret in the address is kept, so reading this table lets nobody read a calendar.

CREATE TABLE calendars (
    user_id     bigint      NOT NULL,
    secret_hash bytea       NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT calendars_pkey PRIMARY KEY (user_id),
    CONSTRAINT calendars_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT calendars_secret_hash_unique UNIQUE (secret_hash),
    CONSTRAINT calendars_secret_hash_is_sha256 CHECK (octet_length(secret_hash) = 32)
);

COMMENT ON TABLE calendars IS
    'Who has a private calendar address. Each customer has one at most; deleting a user deletes '
    'it.';
COMMENT ON COLUMN calendars.secret_hash IS
    'SHA-256 of the secret in the address; the secret itself is not stored.';
COMMENT ON CONSTRAINT calendars_secret_hash_unique ON calendars IS
    'For find_calendar: whose calendar an address is.';

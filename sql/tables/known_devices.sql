-- known_devices: the browsers that have signed in to an account. While somebody guesses the
-- password of an account from many networks, strangers must wait, and these need not (OWASP:
-- "Slow down online guessing attacks with device cookies").

CREATE TABLE known_devices (
    token_hash   bytea       NOT NULL,
    user_id      bigint      NOT NULL,
    network      inet        NOT NULL,
    last_used_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT known_devices_pkey PRIMARY KEY (token_hash, user_id),
    CONSTRAINT known_devices_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT known_devices_token_hash_is_sha256 CHECK (octet_length(token_hash) = 32)
);

-- count_sign_in_attempt(): whether a user has signed in from a network. remember_device(): the
-- oldest devices of a user.
CREATE INDEX known_devices_by_user ON known_devices (user_id, last_used_at);

-- remember_device(): devices that were not used for long are removed when new ones come.
CREATE INDEX known_devices_by_last_used_at ON known_devices (last_used_at);

COMMENT ON TABLE known_devices IS
    'The browsers that have signed in to an account within 180 days. A new password of the account '
    'removes them.';
COMMENT ON COLUMN known_devices.token_hash IS
    'SHA-256 of the token in the browser''s cookie; the token itself is not stored. It signs '
    'nobody in.';
COMMENT ON COLUMN known_devices.network IS
    'Where the last sign-in came from: an IPv4 address, or the /64 network of an IPv6 address.';
COMMENT ON COLUMN known_devices.last_used_at IS 'When this browser last signed in to the account.';
COMMENT ON INDEX known_devices_by_user IS 'For the devices of a user.';
COMMENT ON INDEX known_devices_by_last_used_at IS 'For removing old rows.';

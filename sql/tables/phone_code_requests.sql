-- phone_code_requests: what limits how many codes are sent. Each costs money, and disturbs the
-- person whose number it is.

CREATE TABLE phone_code_requests (
    id      bigint      GENERATED ALWAYS AS IDENTITY,
    phone   text        NOT NULL,
    user_id bigint,                              -- NULL: for signing up
    network inet        NOT NULL,
    at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT phone_code_requests_pkey PRIMARY KEY (id),
    CONSTRAINT phone_code_requests_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT phone_code_requests_phone_e164 CHECK (phone ~ '^\+[1-9][0-9]{4,14}$')
);

-- request_phone_code(): recent requests for a number, of a user, and from a network.
CREATE INDEX phone_code_requests_by_phone ON phone_code_requests (phone, at);
CREATE INDEX phone_code_requests_by_user
ON phone_code_requests (user_id, at)
WHERE user_id IS NOT NULL;
CREATE INDEX phone_code_requests_by_network ON phone_code_requests (network, at);

-- delete_old_phone_codes(): old requests.
CREATE INDEX phone_code_requests_by_at ON phone_code_requests (at);

COMMENT ON TABLE phone_code_requests IS
    'Recent requests for codes, for limiting them; rows older than an hour mean nothing and are '
    'removed.';
COMMENT ON COLUMN phone_code_requests.phone IS 'E.164: where the code was sent to.';
COMMENT ON COLUMN phone_code_requests.user_id IS 'Who asked. NULL: somebody who signs up.';
COMMENT ON COLUMN phone_code_requests.network IS
    'Where the request came from: an IPv4 address, or the /64 network of an IPv6 address.';
COMMENT ON INDEX phone_code_requests_by_phone IS 'For counting recent requests for a number.';
COMMENT ON INDEX phone_code_requests_by_user IS
    'For counting recent requests of a user. Partial: signing up has no user.';
COMMENT ON INDEX phone_code_requests_by_network IS
    'For counting recent requests from a network.';
COMMENT ON INDEX phone_code_requests_by_at IS 'For removing old rows.';

-- password_reset_requests: what limits how often a new password is asked for. Requests are counted
-- apart from failed sign-ins, because anyone who has guessed too often needs one.

CREATE TABLE password_reset_requests (
    id      bigint      GENERATED ALWAYS AS IDENTITY,
    account text COLLATE "C" NOT NULL,
    network inet        NOT NULL,
    at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT password_reset_requests_pkey PRIMARY KEY (id)
);

-- request_password_reset(): recent requests from a network, and of them those for an account.
CREATE INDEX password_reset_requests_by_network ON password_reset_requests (network, at);

-- request_password_reset(): old ones go when new ones come.
CREATE INDEX password_reset_requests_by_at ON password_reset_requests (at);

COMMENT ON TABLE password_reset_requests IS
    'Recent requests for a new password, for limiting them; rows older than 15 minutes mean '
    'nothing and are removed.';
COMMENT ON COLUMN password_reset_requests.account IS
    'The phone or the mail address that was given, whether or not a user has it.';
COMMENT ON COLUMN password_reset_requests.network IS
    'Where the request came from: an IPv4 address, or the /64 network of an IPv6 address.';
COMMENT ON INDEX password_reset_requests_by_network IS
    'For counting recent requests from a network.';
COMMENT ON INDEX password_reset_requests_by_at IS 'For removing old rows.';

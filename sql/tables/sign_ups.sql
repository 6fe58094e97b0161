-- sign_ups: when somebody signed up from a network lately, so that one client cannot make any
-- number of accounts, or ask for any number of phones whether they have one. Refused sign-ups count
-- as well.

CREATE TABLE sign_ups (
    id      bigint      GENERATED ALWAYS AS IDENTITY,
    network inet        NOT NULL,
    at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT sign_ups_pkey PRIMARY KEY (id)
);

-- begin_sign_up(): recent ones from a network.
CREATE INDEX sign_ups_by_network ON sign_ups (network, at);

-- begin_sign_up(): old ones go when new ones come.
CREATE INDEX sign_ups_by_at ON sign_ups (at);

COMMENT ON TABLE sign_ups IS
    'Recent sign-ups, for limiting them; rows older than 15 minutes mean nothing and are removed.';
COMMENT ON COLUMN sign_ups.network IS
    'Where the request came from: an IPv4 address, or the /64 network of an IPv6 address.';
COMMENT ON INDEX sign_ups_by_network IS 'For counting recent sign-ups from a network.';
COMMENT ON INDEX sign_ups_by_at IS 'For removing old rows.';

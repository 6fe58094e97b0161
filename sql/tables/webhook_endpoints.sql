-- webhook_endpoints: other programs that are told of facts, by the Standard Webhooks
-- specification (https://www.standardwebhooks.com).

CREATE TABLE webhook_endpoints (
    id              bigint      GENERATED ALWAYS AS IDENTITY,
    url             text        NOT NULL,
    types           text[]      NOT NULL DEFAULT '{}',
    event_id        bigint,                              -- NULL: facts of all events
    secret          bytea       NOT NULL,
    previous_secret bytea,                               -- NULL: the secret was not changed lately
    previous_until  timestamptz,                         -- NULL: there is no previous secret
    created_at      timestamptz NOT NULL DEFAULT now(),
    failing_since   timestamptz,                         -- NULL: the last delivery succeeded
    disabled_at     timestamptz,                         -- NULL: facts are sent
    gone_at         timestamptz,                         -- NULL: not disabled by its receiver
    CONSTRAINT webhook_endpoints_pkey PRIMARY KEY (id),
    CONSTRAINT webhook_endpoints_event_id_fkey
        FOREIGN KEY (event_id) REFERENCES events (id) ON DELETE CASCADE,
    CONSTRAINT webhook_endpoints_url_http CHECK (url ~ '^https?://[!-~]+$'),
    CONSTRAINT webhook_endpoints_url_within_2000 CHECK (char_length(url) <= 2000),
    CONSTRAINT webhook_endpoints_types_known CHECK (types <@ webhook_types()),
    CONSTRAINT webhook_endpoints_secret_length CHECK (octet_length(secret) BETWEEN 24 AND 64),
    CONSTRAINT webhook_endpoints_previous_secret_length CHECK (
        octet_length(previous_secret) BETWEEN 24 AND 64
    ),
    CONSTRAINT webhook_endpoints_previous_both_or_none CHECK (
        (previous_secret IS NULL) = (previous_until IS NULL)
    )
);

COMMENT ON TABLE webhook_endpoints IS 'Programs that are told of facts by POST requests.';
COMMENT ON COLUMN webhook_endpoints.types IS
    'The types of facts that are sent. Empty: every type but customer.notice and phone.code, which '
    'hold phone numbers and are sent only to an endpoint that names them.';
COMMENT ON COLUMN webhook_endpoints.event_id IS
    'Only facts of this event are sent. NULL: those of all events.';
COMMENT ON COLUMN webhook_endpoints.secret IS 'The key of the signature (HMAC-SHA256).';
COMMENT ON COLUMN webhook_endpoints.previous_secret IS
    'The key before it. Until previous_until both sign, so that a receiver can change its key at '
    'any moment between. NULL: there is none.';
COMMENT ON COLUMN webhook_endpoints.previous_until IS
    'Until when the previous secret signs. NULL: there is none.';
COMMENT ON COLUMN webhook_endpoints.failing_since IS
    'Since when no delivery has succeeded. NULL: the last one did.';
COMMENT ON COLUMN webhook_endpoints.disabled_at IS
    'When it was disabled, by an admin or by an answer 410. NULL: it is enabled.';
COMMENT ON COLUMN webhook_endpoints.gone_at IS
    'When an answer 410 has disabled it. NULL: it is enabled, or an admin has disabled it.';

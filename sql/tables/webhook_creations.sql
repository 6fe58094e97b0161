-- webhook_creations: which request made which webhook endpoint, so that a retry whose first answer
-- was lost finds it and makes no second one.

CREATE TABLE webhook_creations (
    key_hash     bytea  NOT NULL,
    request_hash bytea  NOT NULL,
    endpoint_id  bigint NOT NULL,
    CONSTRAINT webhook_creations_pkey PRIMARY KEY (key_hash),
    CONSTRAINT webhook_creations_one_per_endpoint UNIQUE (endpoint_id),
    CONSTRAINT webhook_creations_endpoint_id_fkey
        FOREIGN KEY (endpoint_id) REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
    CONSTRAINT webhook_creations_key_hash_is_sha256 CHECK (octet_length(key_hash) = 32),
    CONSTRAINT webhook_creations_request_hash_is_sha256 CHECK (octet_length(request_hash) = 32)
);

COMMENT ON TABLE webhook_creations IS
    'Webhook endpoints that were made with an idempotency key. Written by '
    'create_webhook_endpoint_once().';
COMMENT ON COLUMN webhook_creations.key_hash IS
    'SHA-256 of the admin and the key that the client chose. The key itself is not kept, because '
    'for 24 hours it returns the secret.';
COMMENT ON COLUMN webhook_creations.request_hash IS
    'SHA-256 of what was asked for: a request for something else may not use this key.';
COMMENT ON COLUMN webhook_creations.endpoint_id IS 'The endpoint that the request made.';

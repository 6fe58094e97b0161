-- webhook_deliveries: one row for each fact and each endpoint that is told of it.

CREATE TABLE webhook_deliveries (
    id              bigint      GENERATED ALWAYS AS IDENTITY,
    endpoint_id     bigint      NOT NULL,
    source          text        NOT NULL,
    source_id       bigint      NOT NULL,
    type            text        NOT NULL,
    body            text        NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    attempts        integer     NOT NULL DEFAULT 0,
    next_attempt_at timestamptz DEFAULT now(),  -- NULL: it is delivered or given up
    delivered_at    timestamptz,                -- NULL: not delivered
    given_up_at     timestamptz,                -- NULL: not given up
    last_status     integer,                    -- NULL: nothing was answered
    last_error      text,                       -- NULL: the last attempt succeeded
    attempted_at    timestamptz,                -- NULL: no attempt has ended
    CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (id),
    CONSTRAINT webhook_deliveries_endpoint_id_fkey
        FOREIGN KEY (endpoint_id) REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
    CONSTRAINT webhook_deliveries_once UNIQUE (endpoint_id, source, source_id),
    CONSTRAINT webhook_deliveries_source_known CHECK (
        source IN ('booking', 'activity', 'notice', 'code', 'test')
    ),
    CONSTRAINT webhook_deliveries_attempts_not_negative CHECK (attempts >= 0),
    CONSTRAINT webhook_deliveries_over_exactly_when_no_attempt CHECK (
        (next_attempt_at IS NULL) = (delivered_at IS NOT NULL OR given_up_at IS NOT NULL)
    ),
    CONSTRAINT webhook_deliveries_delivered_or_given_up CHECK (
        delivered_at IS NULL OR given_up_at IS NULL
    )
)
WITH (autovacuum_vacuum_scale_factor = 0.02);

-- For claim_deliveries(): deliveries that are due.
CREATE INDEX webhook_deliveries_due
ON webhook_deliveries (endpoint_id, next_attempt_at)
WHERE next_attempt_at IS NOT NULL;

-- list_webhook_deliveries.sql: what was sent to one endpoint, newest first.
CREATE INDEX webhook_deliveries_by_endpoint ON webhook_deliveries (endpoint_id, id);

-- list_failing_webhook_deliveries.sql: of these, what failed.
CREATE INDEX webhook_deliveries_failing
ON webhook_deliveries (endpoint_id, id)
WHERE last_error IS NOT NULL;

-- For delete_old_deliveries(): deliveries that ended long ago.
CREATE INDEX webhook_deliveries_delivered
ON webhook_deliveries (delivered_at)
WHERE delivered_at IS NOT NULL;
CREATE INDEX webhook_deliveries_given_up
ON webhook_deliveries (given_up_at)
WHERE given_up_at IS NOT NULL;

COMMENT ON TABLE webhook_deliveries IS
    'Messages to webhook endpoints: one row for each fact and endpoint.';
COMMENT ON COLUMN webhook_deliveries.source IS
    'booking, activity, notice, code or test. source and source_id make the id of the message, '
    'which is the same at each attempt.';
COMMENT ON COLUMN webhook_deliveries.source_id IS 'The id of the row in that source.';
COMMENT ON COLUMN webhook_deliveries.body IS
    'The bytes that are signed and sent. Empty: a code for a phone, which is over.';
COMMENT ON COLUMN webhook_deliveries.next_attempt_at IS
    'When it is sent. While a process is sending it, when another process may try. NULL: it is '
    'delivered or given up.';
COMMENT ON COLUMN webhook_deliveries.delivered_at IS
    'When the receiver answered 2xx. NULL: it did not yet.';
COMMENT ON COLUMN webhook_deliveries.given_up_at IS
    'When the last attempt failed, or the receiver answered 410. NULL: it is not given up.';
COMMENT ON COLUMN webhook_deliveries.last_status IS
    'The HTTP status of the last answer. NULL: there was no answer.';
COMMENT ON COLUMN webhook_deliveries.last_error IS
    'Why the last attempt failed. NULL: none has failed, or the last one succeeded.';
COMMENT ON COLUMN webhook_deliveries.attempted_at IS
    'When the last attempt ended, with or without an answer. NULL: none has ended.';
COMMENT ON INDEX webhook_deliveries_due IS 'For claim_deliveries.';
COMMENT ON INDEX webhook_deliveries_by_endpoint IS 'For list_webhook_deliveries.';
COMMENT ON INDEX webhook_deliveries_failing IS
    'For list_failing_webhook_deliveries. Partial: most attempts succeed.';
COMMENT ON INDEX webhook_deliveries_delivered IS
    'For delete_old_deliveries. Partial: other deliveries are kept for longer.';
COMMENT ON INDEX webhook_deliveries_given_up IS
    'For delete_old_deliveries. Partial: few deliveries are given up.';

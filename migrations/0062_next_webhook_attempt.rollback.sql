-- Takes 0062_next_webhook_attempt back.

CREATE OR REPLACE FUNCTION next_webhook_attempt(
    p_attempts integer,
    p_retry_after interval
)
RETURNS timestamptz
LANGUAGE sql
VOLATILE
RETURN clock_timestamp() + greatest(
    -- The times that the Standard Webhooks specification proposes: three days in all.
    (
        ARRAY[
            interval '5 seconds', '5 minutes', '30 minutes', '2 hours', '5 hours', '10 hours',
            '14 hours', '20 hours', '24 hours'
        ]
    )[p_attempts] * (0.9 + 0.2 * random()),
    least(p_retry_after, interval '24 hours')
);
COMMENT ON FUNCTION next_webhook_attempt IS
    'When to try again after that many attempts. NULL: never, when nothing asks for it later. '
    'p_retry_after: what the receiver asked for, at most a day. NULL: nothing.';

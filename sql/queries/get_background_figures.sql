-- What operators watch of facts, webhooks and mails.
SELECT
    (
        SELECT coalesce(max(extract(epoch FROM clock_timestamp() - next_fact.at)), 0)::float8
        FROM fact_cursors AS cursor
        CROSS JOIN LATERAL (
            (
                SELECT facts.at
                FROM facts
                WHERE facts.source = 'booking'
                    AND cursor.source = 'booking'
                    AND (facts.written_in, facts.id) > (cursor.written_in, cursor.id)
                ORDER BY facts.written_in, facts.id
                LIMIT 1
            )
            UNION ALL
            (
                SELECT facts.at
                FROM facts
                WHERE facts.source = 'activity'
                    AND cursor.source = 'activity'
                    AND (facts.written_in, facts.id) > (cursor.written_in, cursor.id)
                ORDER BY facts.written_in, facts.id
                LIMIT 1
            )
        ) AS next_fact
    ) AS facts_lag_seconds,
    (
        SELECT count(*)
        FROM webhook_deliveries
        WHERE next_attempt_at IS NOT NULL
    ) AS deliveries_waiting,
    (
        SELECT count(*)
        FROM webhook_endpoints
        WHERE failing_since IS NOT NULL AND disabled_at IS NULL
    ) AS endpoints_failing,
    (
        SELECT count(*)
        FROM mails
        WHERE next_attempt_at IS NOT NULL
    ) AS mails_waiting,
    (
        SELECT count(*)
        FROM failing_mails
        WHERE given_up_at IS NOT NULL
    ) AS mails_given_up;

-- How many mails and webhooks do not get through.
SELECT
    (SELECT count(*) FROM failing_mails) AS mails,
    (
        SELECT count(*)
        FROM webhook_endpoints
        WHERE failing_since IS NOT NULL AND disabled_at IS NULL
    ) AS webhooks;

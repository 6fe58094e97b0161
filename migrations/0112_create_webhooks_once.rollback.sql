-- Takes 0112_create_webhooks_once back.

DROP FUNCTION create_webhook_endpoint_once;

DROP TABLE webhook_creations;

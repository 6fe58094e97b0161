SELECT id, message_id, body, url, secrets
FROM claim_deliveries(:endpoint_id, :at_most, :lease);

-- Validates the CHECKs that 0097_phone_codes and 0098_known_devices added. It takes no lock that a
-- sign-in or a delivery waits for: so it is a step of its own.
-- depends: 0099_index_failures_by_account

ALTER TABLE webhook_deliveries VALIDATE CONSTRAINT webhook_deliveries_source_known;
ALTER TABLE sign_in_failures VALIDATE CONSTRAINT sign_in_failures_phone_or_email;

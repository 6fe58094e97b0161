-- Takes 0100_validate_phone_checks back.

ALTER TABLE sign_in_failures
    DROP CONSTRAINT sign_in_failures_phone_or_email,
    ADD CONSTRAINT sign_in_failures_phone_or_email CHECK (
        num_nonnulls(phone, email) = 1
    ) NOT VALID;
ALTER TABLE webhook_deliveries
    DROP CONSTRAINT webhook_deliveries_source_known,
    ADD CONSTRAINT webhook_deliveries_source_known CHECK (
        source IN ('booking', 'activity', 'notice', 'code', 'test')
    ) NOT VALID;

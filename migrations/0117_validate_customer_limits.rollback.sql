-- Takes 0117_validate_customer_limits back.

ALTER TABLE events
    DROP CONSTRAINT events_max_tickets_per_customer_in_range,
    ADD CONSTRAINT events_max_tickets_per_customer_in_range CHECK (
        max_tickets_per_customer BETWEEN 1 AND 10000
    ) NOT VALID;

-- Validates the CHECK of 0116_customer_limits: validating blocks no booking.
-- depends: 0116_customer_limits

ALTER TABLE events VALIDATE CONSTRAINT events_max_tickets_per_customer_in_range;

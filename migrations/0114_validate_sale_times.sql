-- Validates the CHECKs of 0113_sale_times: validating blocks no booking.
-- depends: 0113_sale_times

ALTER TABLE events
    VALIDATE CONSTRAINT events_sale_ends_after_it_starts,
    VALIDATE CONSTRAINT events_sale_starts_before_event,
    VALIDATE CONSTRAINT events_sale_ends_before_event,
    VALIDATE CONSTRAINT events_sale_times_after_1999;

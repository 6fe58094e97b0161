-- Validates the CHECKs of amounts that 0043_keep_three_decimals added. It reads every booking, and takes no
-- lock that a booking waits for: so it is a step of its own.
-- depends: 0043_keep_three_decimals

ALTER TABLE events
    VALIDATE CONSTRAINT events_price_in_range,
    VALIDATE CONSTRAINT events_price_within_3_decimals,
    VALIDATE CONSTRAINT events_revenue_in_range;
ALTER TABLE bookings
    VALIDATE CONSTRAINT bookings_unit_price_in_range,
    VALIDATE CONSTRAINT bookings_unit_price_within_3_decimals,
    VALIDATE CONSTRAINT bookings_total_amount_is_price_times_quantity;

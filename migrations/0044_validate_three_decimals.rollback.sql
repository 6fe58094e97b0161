-- Takes 0044_validate_three_decimals back.

ALTER TABLE events
    DROP CONSTRAINT events_price_in_range,
    DROP CONSTRAINT events_price_within_3_decimals,
    DROP CONSTRAINT events_revenue_in_range;
ALTER TABLE bookings
    DROP CONSTRAINT bookings_unit_price_in_range,
    DROP CONSTRAINT bookings_unit_price_within_3_decimals,
    DROP CONSTRAINT bookings_total_amount_is_price_times_quantity;
ALTER TABLE events
    ADD CONSTRAINT events_price_in_range CHECK (
        price BETWEEN 0 AND 99999999.99
    ) NOT VALID,
    ADD CONSTRAINT events_price_within_3_decimals CHECK (
        min_scale(price) <= 3
    ) NOT VALID,
    ADD CONSTRAINT events_revenue_in_range CHECK (
        revenue BETWEEN 0 AND 99999999999999.99
    ) NOT VALID;
ALTER TABLE bookings
    ADD CONSTRAINT bookings_unit_price_in_range CHECK (
        unit_price BETWEEN 0 AND 99999999.99
    ) NOT VALID,
    ADD CONSTRAINT bookings_unit_price_within_3_decimals CHECK (
        min_scale(unit_price) <= 3
    ) NOT VALID,
    ADD CONSTRAINT bookings_total_amount_is_price_times_quantity CHECK (
        total_amount = unit_price * quantity
    ) NOT VALID;

-- Takes 0008_tune_tables back.

-- It names the column, and is made again below.
DROP TRIGGER bookings_sale_is_never_rewritten ON bookings;
ALTER TABLE bookings
    DROP CONSTRAINT bookings_idempotency_key_visible_ascii,
    ALTER COLUMN idempotency_key TYPE text COLLATE "default",
    ADD CONSTRAINT bookings_idempotency_key_visible_ascii CHECK (
        char_length(idempotency_key) BETWEEN 1 AND 64 AND idempotency_key !~ '[^!-~]'
    );
CREATE TRIGGER bookings_sale_is_never_rewritten
BEFORE UPDATE OF
    id, user_id, event_id, quantity, unit_price, total_amount, booking_date, booked_by,
    idempotency_key
ON bookings
FOR EACH ROW
WHEN (
    (
        NEW.id, NEW.user_id, NEW.event_id, NEW.quantity, NEW.unit_price, NEW.total_amount,
        NEW.booking_date, NEW.booked_by, NEW.idempotency_key
    ) IS DISTINCT FROM (
        OLD.id, OLD.user_id, OLD.event_id, OLD.quantity, OLD.unit_price, OLD.total_amount,
        OLD.booking_date, OLD.booked_by, OLD.idempotency_key
    )
)
EXECUTE FUNCTION refuse_change_unless_repairing(
    'a sale is never rewritten: cancel the booking and book again'
);
COMMENT ON TRIGGER bookings_sale_is_never_rewritten ON bookings IS
    'Only status, cancelled_at and the counter of a booking change.';
ALTER TABLE tickets RESET (
    fillfactor,
    autovacuum_vacuum_scale_factor,
    autovacuum_vacuum_insert_scale_factor
);
ALTER TABLE bookings RESET (
    fillfactor,
    autovacuum_vacuum_scale_factor,
    autovacuum_vacuum_insert_scale_factor
);

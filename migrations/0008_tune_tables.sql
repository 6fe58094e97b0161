-- Bookings and tickets keep room on each page for the update of a check-in, and are vacuumed before
-- a fifth of them has changed. The order of idempotency keys is that of code points, which no new
-- version of the operating system's library changes: the index that prevents a second booking for
-- one key is never in the wrong order after an upgrade. Building it again and checking the keys
-- takes some seconds for a million of them, and bookings wait meanwhile.
-- depends: 0007_narrow_rights
-- squawk-ignore-file ban-drop-constraint, changing-column-type, constraint-missing-not-valid

ALTER TABLE bookings SET (
    fillfactor = 90,
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_insert_scale_factor = 0.02
);
ALTER TABLE tickets SET (
    fillfactor = 90,
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_insert_scale_factor = 0.02
);
-- It names the column, and is made again below.
DROP TRIGGER bookings_sale_is_never_rewritten ON bookings;
ALTER TABLE bookings
    DROP CONSTRAINT bookings_idempotency_key_visible_ascii,
    ALTER COLUMN idempotency_key TYPE text COLLATE "C",
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

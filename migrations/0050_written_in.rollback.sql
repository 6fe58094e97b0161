-- The columns go, and with them what has been told to others and what not.

DROP TRIGGER activity_stamp_transaction ON activity;
DROP FUNCTION stamp_transaction();

CREATE OR REPLACE TRIGGER bookings_sale_is_never_rewritten
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

CREATE OR REPLACE TRIGGER bookings_begin
BEFORE INSERT ON bookings
FOR EACH ROW
WHEN (
    NEW.booking_date IS NULL
    OR NEW.booking_date::text IS DISTINCT FROM current_setting('marquee.booking_date', true)
    OR NEW.booking_date <= transaction_timestamp()
    OR NEW.booking_date > clock_timestamp()
    OR NEW.status <> 'confirmed'
    OR NEW.tickets_checked_in <> 0
)
EXECUTE FUNCTION begin_booking();
COMMENT ON TRIGGER bookings_begin ON bookings IS
    'A booking begins confirmed, now, with no ticket used.';

CREATE OR REPLACE FUNCTION begin_booking()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    PERFORM FROM events WHERE id = NEW.event_id FOR NO KEY UPDATE;
    IF repair_begun() THEN
        IF NEW.booking_date IS NOT NULL THEN
            RETURN NEW;
        END IF;
    ELSIF NEW.status <> 'confirmed' OR NEW.tickets_checked_in <> 0 THEN
        RAISE EXCEPTION 'a booking begins confirmed, with no ticket used'
            USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.booking_date := clock_timestamp();
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION begin_booking IS
    'Trigger: stamps a booking with the time under its event''s lock, and refuses one that is not '
    'new.';

ALTER TABLE activity DROP COLUMN written_in;
ALTER TABLE bookings DROP COLUMN written_in;

-- Bookings and lines of the log say which transaction wrote them: facts are read in that order.
-- depends: 0048_limit_by_network

-- A constant default fills old rows without a rewrite. 0: written before the facts began.
ALTER TABLE bookings ADD COLUMN written_in xid8 NOT NULL DEFAULT '0';
ALTER TABLE bookings ALTER COLUMN written_in SET DEFAULT pg_current_xact_id();
COMMENT ON COLUMN bookings.written_in IS
    'The id of the transaction that booked it. This is the default, and a trigger enforces it. The '
    'view facts is read in the order of these ids, so that no booking is missed. 0: it was booked '
    'before this column existed.';

ALTER TABLE activity ADD COLUMN written_in xid8 NOT NULL DEFAULT '0';
ALTER TABLE activity ALTER COLUMN written_in SET DEFAULT pg_current_xact_id();
COMMENT ON COLUMN activity.written_in IS
    'The transaction that wrote it, by which the view facts is read in an order that loses '
    'nothing; a trigger sets it. 0: it was written before this column existed.';

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
    NEW.written_in := pg_current_xact_id();
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION begin_booking IS
    'Trigger: sets the time of a new booking, read while its event is locked, and its '
    'transaction. Refuses a booking that is not confirmed or has used tickets. In a repair, the '
    'INSERT may set all of these.';

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
    OR NEW.written_in <> pg_current_xact_id()
)
EXECUTE FUNCTION begin_booking();
COMMENT ON TRIGGER bookings_begin ON bookings IS
    'A new booking is confirmed, has the present time, and no ticket of it is used.';

CREATE OR REPLACE TRIGGER bookings_sale_is_never_rewritten
BEFORE UPDATE OF
    id, user_id, event_id, quantity, unit_price, total_amount, booking_date, booked_by,
    idempotency_key, written_in
ON bookings
FOR EACH ROW
WHEN (
    (
        NEW.id, NEW.user_id, NEW.event_id, NEW.quantity, NEW.unit_price, NEW.total_amount,
        NEW.booking_date, NEW.booked_by, NEW.idempotency_key, NEW.written_in
    ) IS DISTINCT FROM (
        OLD.id, OLD.user_id, OLD.event_id, OLD.quantity, OLD.unit_price, OLD.total_amount,
        OLD.booking_date, OLD.booked_by, OLD.idempotency_key, OLD.written_in
    )
)
EXECUTE FUNCTION refuse_change_unless_repairing(
    'a sale is never rewritten: cancel the booking and book again'
);
COMMENT ON TRIGGER bookings_sale_is_never_rewritten ON bookings IS
    'Of a booking, only status, cancelled_at and the counter may change.';

CREATE FUNCTION stamp_transaction()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    IF NOT repair_begun() THEN
        NEW.written_in := pg_current_xact_id();
    END IF;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION stamp_transaction IS
    'Trigger: sets written_in to the transaction that writes the row, except in a repair.';

CREATE TRIGGER activity_stamp_transaction
BEFORE INSERT ON activity
FOR EACH ROW
WHEN (NEW.written_in <> pg_current_xact_id())
EXECUTE FUNCTION stamp_transaction();
COMMENT ON TRIGGER activity_stamp_transaction ON activity IS
    'A line with the number of another transaction could be missed by those who read the facts.';

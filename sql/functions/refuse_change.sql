-- What no UPDATE may touch, the owner's included.

CREATE FUNCTION refuse_change()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation';
END;
$$;
COMMENT ON FUNCTION refuse_change() IS 'Trigger: refuses the statement with the sentence given as its argument.';
REVOKE EXECUTE ON FUNCTION refuse_change() FROM PUBLIC;

CREATE TRIGGER activity_is_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON activity
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('activity is append-only');
COMMENT ON TRIGGER activity_is_append_only ON activity IS 'Nobody rewrites the log, the owner included.';

CREATE TRIGGER bookings_event_id_never_changes
BEFORE UPDATE OF event_id ON bookings
FOR EACH ROW WHEN (NEW.event_id <> OLD.event_id)
EXECUTE FUNCTION refuse_change('bookings.event_id never changes');
COMMENT ON TRIGGER bookings_event_id_never_changes ON bookings IS 'A booking stays with its event.';

CREATE TRIGGER tickets_booking_id_never_changes
BEFORE UPDATE OF booking_id ON tickets
FOR EACH ROW WHEN (NEW.booking_id <> OLD.booking_id)
EXECUTE FUNCTION refuse_change('tickets.booking_id never changes');
COMMENT ON TRIGGER tickets_booking_id_never_changes ON tickets IS 'A ticket stays with its booking.';

CREATE TRIGGER bookings_are_never_truncated
BEFORE TRUNCATE ON bookings
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('bookings are the ledger: TRUNCATE would leave counters wrong');
COMMENT ON TRIGGER bookings_are_never_truncated ON bookings IS 'TRUNCATE calls none of the triggers that keep the counters.';

CREATE TRIGGER tickets_are_never_truncated
BEFORE TRUNCATE ON tickets
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('tickets are the ledger: TRUNCATE would leave counters wrong');
COMMENT ON TRIGGER tickets_are_never_truncated ON tickets IS 'TRUNCATE calls none of the triggers that keep the counters.';

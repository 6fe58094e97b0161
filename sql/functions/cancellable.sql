-- Which bookings, with their tickets, can be cancelled.
--
-- cancel_booking() checks the parts of this rule one by one, to name the reason of a refusal:
-- change both together. The trigger bookings_cancel (sql/triggers/bookings.sql) checks one part
-- only, that no ticket was used: a manual statement may also cancel a booking of an event that has
-- started.

CREATE FUNCTION cancellable(
    p_booking bookings,
    p_event events
)
RETURNS boolean
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN p_booking.status = 'confirmed' AND p_booking.tickets_checked_in = 0 AND bookable(p_event);
COMMENT ON FUNCTION cancellable IS
    'Whether a booking of this event can be cancelled: it is confirmed, none of its tickets was '
    'used, and the event is active and not yet started.';

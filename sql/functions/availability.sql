-- How many tickets of an event are available, whether it is bookable, and which bookings are
-- cancellable. The first two can be read like columns: SELECT events.tickets_available FROM events.
--
-- The rule of cancellable() stands in two more places. cancel_booking() checks its parts one by one,
-- to name the reason of a refusal: change both together. The trigger bookings_cancel
-- (sql/triggers/times_and_log.sql) checks only that no ticket was used, so that a manual statement
-- can also cancel a booking of an event that has started.

CREATE FUNCTION tickets_available(p_event events)
RETURNS integer
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN p_event.capacity - p_event.tickets_sold;
COMMENT ON FUNCTION tickets_available IS
    'How many tickets of the event can still be sold; 0 is sold out.';

CREATE FUNCTION bookable(p_event events)
RETURNS boolean
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN p_event.status = 'active' AND p_event.date_time > now();
COMMENT ON FUNCTION bookable IS
    'Active and not yet started. A sold-out event stays bookable, because a customer may cancel.';

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

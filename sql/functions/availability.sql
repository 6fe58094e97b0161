-- What can be bought of an event, and which booking can be cancelled: the one definition of
-- "tickets available", "bookable" and "cancellable". The first two read like columns:
-- SELECT events.tickets_available FROM events.

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

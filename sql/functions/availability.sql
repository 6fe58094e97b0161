-- What can be bought of an event: the one definition of "tickets available" and "bookable".
-- They read like columns: SELECT events.tickets_available FROM events.

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
    'Active and not yet started. A sold-out event stays bookable: somebody may cancel.';

-- How many tickets of an event are available, and who can buy them now. What takes only an event
-- can be read like a column: SELECT events.tickets_available FROM events.
--
-- bookable() does not look at the sale times: whether a booking is still to come, and whether it
-- can be cancelled, must not depend on them.

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
    'Active and not yet started, whatever its sale times are. A sold-out event stays bookable, '
    'because a customer may cancel.';

CREATE FUNCTION door_closes_at(p_event events)
RETURNS timestamptz
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN p_event.date_time + interval '12 hours';
COMMENT ON FUNCTION door_closes_at IS
    'When the door of an event closes: 12 hours after its start, which may be moved. Door passes '
    'end then, and so does the sale at the door.';

CREATE FUNCTION closed_reason(
    p_event events,
    p_to_box_office boolean,
    p_at timestamptz
)
RETURNS text
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN CASE
    WHEN p_event.status <> 'active' THEN p_event.status::text
    WHEN p_to_box_office THEN
        CASE WHEN p_at >= door_closes_at(p_event) THEN 'started' END
    WHEN p_at >= p_event.date_time THEN 'started'
    WHEN p_at < p_event.sale_starts_at THEN 'not-yet-on-sale'
    WHEN p_at >= p_event.sale_ends_at THEN 'sale-ended'
END;
COMMENT ON FUNCTION closed_reason IS
    'Why an event cannot be booked at a time: draft, cancelled, completed, started, and for '
    'customers also not-yet-on-sale or sale-ended. NULL: it can. Admins at the box office sell '
    'before and after the sale times, and at the door until it closes.';

CREATE FUNCTION open_to_customers(p_event events)
RETURNS boolean
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN closed_reason(p_event, false, now()) IS NULL;
COMMENT ON FUNCTION open_to_customers IS
    'Whether customers can book the event now: it is bookable, and within its sale times.';

CREATE FUNCTION open_to_box_office(p_event events)
RETURNS boolean
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN closed_reason(p_event, true, now()) IS NULL;
COMMENT ON FUNCTION open_to_box_office IS
    'Whether admins can sell tickets of the event now: it is active, and its door has not closed.';

CREATE FUNCTION was_published(p_event_id bigint)
RETURNS boolean
LANGUAGE sql
STABLE
PARALLEL SAFE
SET search_path = public, pg_temp
AS $$
    SELECT coalesce(bool_or(fields ->> 'status' = 'active'), false)
        OR NOT coalesce(bool_or(fields ->> 'status' = 'draft'), false)
    FROM event_versions
    WHERE event_id = p_event_id;
$$;
COMMENT ON FUNCTION was_published IS
    'False for a draft, and for an event that was cancelled while it was a draft: customers never '
    'saw it. Read from its history.';

-- How many tickets of an event are available, and whether it is bookable. Both can be read like
-- columns: SELECT events.tickets_available FROM events.

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

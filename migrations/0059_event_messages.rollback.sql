-- Takes 0059_event_messages back.

-- The earlier release has no place for what guests were told, so somebody has to decide about it.
DO $$
DECLARE
    v_messages constant text := (SELECT string_agg(id::text, ', ' ORDER BY id) FROM event_messages);
BEGIN
    IF v_messages IS NOT NULL THEN
        RAISE EXCEPTION
            'these messages were sent, which the earlier release has no place for: %', v_messages
            USING HINT = 'Save event_messages elsewhere. Then announce a repair, and delete these rows '
                'and the lines event-message-sent of activity.';
    END IF;
    -- An empty list would stand for all types.
    UPDATE webhook_endpoints
    SET disabled_at = coalesce(disabled_at, clock_timestamp())
    WHERE types = '{event.message-sent}';
    UPDATE webhook_endpoints
    SET types = array_remove(types, 'event.message-sent')
    WHERE 'event.message-sent' = ANY (types);
END;
$$;

DROP FUNCTION preview_event_update;
DROP FUNCTION send_event_message;
DROP FUNCTION preview_event_message;
DROP FUNCTION mark_notices_read;

CREATE OR REPLACE FUNCTION changes_for_people(p_became jsonb)
RETURNS text
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN concat_ws(
    ' ',
    'It now begins on ' || date_for_people((p_became ->> 'local_date_time')::timestamp) || '.',
    'It now takes place at ' || (p_became ->> 'venue') || '.',
    'The address is now ' || (p_became ->> 'address') || '.',
    'The doors now open at ' || (p_became ->> 'doors_open') || '.',
    'It now ends at ' || (p_became ->> 'end_time') || '.',
    'Guests must now be at least ' || (p_became ->> 'minimum_age') || ' years old.',
    'About access: ' || (p_became ->> 'access_note')
);
COMMENT ON FUNCTION changes_for_people IS
    'Says in sentences what guests must know of a changed event. A field that was emptied is not '
    'told.';

CREATE OR REPLACE VIEW facts AS
SELECT
    'booking' AS source,
    id,
    written_in,
    booking_date AS at,
    'booking.confirmed' AS type,
    event_id,
    id AS booking_id,
    user_id,
    jsonb_build_object(
        'booking_id', id,
        'event_id', event_id,
        'user_id', user_id,
        'booked_by', booked_by,
        'quantity', quantity,
        'unit_price', unit_price::text,
        'total_amount', total_amount::text
    ) AS data
FROM bookings
UNION ALL
SELECT
    'activity',
    id,
    written_in,
    at,
    CASE action
        WHEN 'event-created' THEN 'event.created'
        WHEN 'event-edited' THEN 'event.changed'
        WHEN 'event-cancelled' THEN 'event.cancelled'
        WHEN 'event-completed' THEN 'event.completed'
        WHEN 'booking-cancelled' THEN 'booking.cancelled'
        WHEN 'ticket-admitted' THEN 'ticket.admitted'
        WHEN 'user-created' THEN 'user.created'
        WHEN 'user-changed' THEN 'user.changed'
    END,
    event_id,
    booking_id,
    user_id,
    jsonb_strip_nulls(
        jsonb_build_object(
            'actor_id', actor_id,
            'event_id', event_id,
            'booking_id', booking_id,
            'ticket_id', ticket_id,
            'user_id', user_id,
            'quantity', detail -> 'quantity',
            'total_amount', detail -> 'total_amount',
            'bookings_cancelled', detail -> 'bookings_cancelled',
            'tickets_cancelled', detail -> 'tickets_cancelled'
        )
    ) || CASE
        WHEN event_id IS NULL OR detail -> 'was' IS NULL THEN '{}'
        ELSE jsonb_build_object(
            'was', public_changes(detail -> 'was'),
            'became', public_changes(detail -> 'became')
        )
    END
FROM activity;

CREATE OR REPLACE FUNCTION webhook_types()
RETURNS text[]
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN ARRAY[
    'booking.confirmed', 'booking.cancelled', 'ticket.admitted', 'event.created', 'event.changed',
    'event.cancelled', 'event.completed', 'user.created', 'user.changed', 'customer.notice'
];
COMMENT ON FUNCTION webhook_types IS 'The types of messages that a webhook endpoint can ask for.';

COMMENT ON TABLE activity IS
    'Append-only log: events created, edited, cancelled, completed; bookings cancelled; tickets '
    'admitted; users created or changed by an admin. A sale is its booking row. One partition a '
    'month; to delete an old month, drop its partition.';

DROP TABLE event_messages;

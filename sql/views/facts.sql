-- facts: what happened, for other programs and for notices. The ledger itself is read, not a copy
-- of it: a booking is the fact that it was booked, and a line of the activity log is the fact that
-- it names.
--
-- Read it in the order of (written_in, id), and only below pg_snapshot_xmin(pg_current_snapshot()).
-- Ids are given out before a commit, so that a row with a smaller id may appear later. But once
-- every transaction below a number has ended, no row with a smaller written_in can appear.
--
-- It holds ids, amounts and public fields of events: no names, no phone numbers, no ticket codes.

CREATE FUNCTION public_changes(p_fields jsonb)
RETURNS jsonb
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN p_fields - 'organiser_contact';
COMMENT ON FUNCTION public_changes IS
    'The fields of an event without those that may name a person.';

CREATE VIEW facts AS
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
        WHEN 'event-message-sent' THEN 'event.message-sent'
        WHEN 'webhook-created' THEN 'webhook.created'
        WHEN 'webhook-changed' THEN 'webhook.changed'
        WHEN 'webhook-deleted' THEN 'webhook.deleted'
        WHEN 'webhook-replayed' THEN 'webhook.replayed'
        WHEN 'token-created' THEN 'token.created'
        WHEN 'token-revoked' THEN 'token.revoked'
        WHEN 'user-erased' THEN 'user.erased'
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
            'tickets_cancelled', detail -> 'tickets_cancelled',
            'message_id', detail -> 'message_id',
            'people', detail -> 'people',
            'webhook_id', detail -> 'webhook_id',
            'token_id', detail -> 'token_id'
        )
    ) || CASE
        WHEN event_id IS NULL OR detail -> 'was' IS NULL THEN '{}'
        ELSE jsonb_build_object(
            'was', public_changes(detail -> 'was'),
            'became', public_changes(detail -> 'became')
        )
    END
FROM activity;

COMMENT ON VIEW facts IS
    'What happened, without personal data, for webhooks and notices: every booking, and every line '
    'of the activity log. Read it in the order of (written_in, id), below '
    'pg_snapshot_xmin(pg_current_snapshot()).';
COMMENT ON COLUMN facts.source IS 'booking or activity: the table whose row it is.';
COMMENT ON COLUMN facts.id IS 'The id of that row. source and id together name the fact.';
COMMENT ON COLUMN facts.written_in IS
    'The transaction that wrote it. 0: it is older than the facts.';
COMMENT ON COLUMN facts.at IS 'When it happened.';
COMMENT ON COLUMN facts.type IS 'booking.confirmed, event.changed and so on.';
COMMENT ON COLUMN facts.event_id IS 'NULL: it is not about an event.';
COMMENT ON COLUMN facts.booking_id IS 'NULL: it is not about one booking.';
COMMENT ON COLUMN facts.user_id IS
    'The customer whom it concerns. NULL: it concerns no single customer.';
COMMENT ON COLUMN facts.data IS
    'Ids, amounts and, for a changed event, its fields before and after.';

CREATE FUNCTION fact_body(p_fact facts)
RETURNS text
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN jsonb_build_object(
    'type', p_fact.type,
    'timestamp', to_char(timezone('UTC', p_fact.at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'data', p_fact.data
)::text;
COMMENT ON FUNCTION fact_body IS
    'The JSON that is sent to webhooks for a fact: the same bytes each time it is asked for.';

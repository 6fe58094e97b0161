-- calendar_entries: every booking as calendar programs are told of it. No ticket codes: people
-- share their calendars.

CREATE VIEW calendar_entries AS
SELECT
    bookings.id AS booking_id,
    bookings.user_id,
    bookings.quantity,
    events.title,
    events.venue,
    events.address,
    events.date_time,
    events.time_zone,
    events.end_time,
    events.doors_open,
    events.cancellation_reason,
    bookings.status = 'cancelled' AS cancelled,
    events.version + (bookings.status = 'cancelled')::integer AS sequence,
    greatest(events.updated_at, bookings.booking_date, bookings.cancelled_at) AS changed_at
FROM bookings
JOIN events ON events.id = bookings.event_id;

COMMENT ON VIEW calendar_entries IS
    'Every booking with what a calendar shows of it. There are no ticket codes in it.';
COMMENT ON COLUMN calendar_entries.cancelled IS
    'Whether the booking is cancelled. Cancelling an event cancels its bookings.';
COMMENT ON COLUMN calendar_entries.sequence IS
    'SEQUENCE of RFC 5545: the version of the event, and one more once the booking is cancelled. '
    'It never falls, because versions only rise and a cancelled booking stays cancelled.';
COMMENT ON COLUMN calendar_entries.changed_at IS
    'When the event was last edited, or the booking made or cancelled, whichever was last.';

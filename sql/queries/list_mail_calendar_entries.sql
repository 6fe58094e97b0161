-- The bookings that mails are about, for the calendar entries that go with them: of a change the
-- guest's bookings that hold, of a cancelled event those that were cancelled with it.
SELECT mails.id AS mail_id, calendar_entries.*
FROM mails
JOIN notices ON notices.id = mails.notice_id
JOIN bookings
    ON bookings.user_id = notices.user_id
    AND bookings.event_id = notices.event_id
    AND bookings.id = coalesce(notices.booking_id, bookings.id)
JOIN calendar_entries ON calendar_entries.booking_id = bookings.id
WHERE mails.id = ANY (:mail_ids)
    AND CASE
        WHEN notices.kind IN ('booking-confirmed', 'event-changed')
            THEN bookings.status = 'confirmed'
        WHEN notices.kind = 'booking-cancelled' THEN bookings.status = 'cancelled'
        WHEN notices.kind = 'event-cancelled' THEN
            bookings.status = 'cancelled'
            -- A booking that is cancelled with its event has no line in the log.
            AND NOT EXISTS (
                SELECT
                FROM recent_activity
                WHERE recent_activity.booking_id = bookings.id
                    AND action = 'booking-cancelled'
            )
    END
ORDER BY mails.id, bookings.id;

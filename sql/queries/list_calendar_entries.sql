-- A user's bookings for a calendar: those of coming events and of the last weeks, cancelled ones as
-- well. An entry that is left out would stay in some calendar programs as it was.
SELECT *
FROM calendar_entries
WHERE user_id = :user_id
    AND date_time > now() - interval '6 weeks'
ORDER BY date_time, booking_id
LIMIT :limit;

-- A booking for a calendar. Only its customer and admins may see it.
SELECT *
FROM calendar_entries
WHERE booking_id = :booking_id
    AND may_act_for(user_id, :caller_id);

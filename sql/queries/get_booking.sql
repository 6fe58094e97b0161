-- A booking with its tickets. Only its customer and admins may see it.
SELECT *
FROM booking_with_tickets(:booking_id)
WHERE may_act_for(user_id, :caller_id);

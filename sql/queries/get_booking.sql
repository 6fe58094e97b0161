-- A booking with its tickets. $2: who asks; only the customer and admins may see it.
SELECT *
FROM booking_with_tickets($1)
WHERE may_act_for(user_id, $2);

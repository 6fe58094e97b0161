SELECT *
FROM cancel_booking(:booking_id, :actor_id);

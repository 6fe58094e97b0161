SELECT
    admission.*,
    bookings.total_amount AS booking_total_amount,
    events.payment_note AS event_payment_note
FROM check_in_ticket(:code, :event_id, :actor_id) AS admission
JOIN bookings ON bookings.id = admission.booking_id
JOIN events ON events.id = admission.event_id;

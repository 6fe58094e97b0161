SELECT people, bookings, tickets, text, cancellable_until
FROM preview_event_update(:event_id, :fields::jsonb);

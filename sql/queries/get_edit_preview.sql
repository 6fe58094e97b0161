SELECT people, bookings, tickets, text, cancellable_until, sale_starts_at, sale_ends_at
FROM preview_event_update(:event_id, :fields::jsonb);

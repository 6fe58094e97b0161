-- The whole database from nothing:  psql -v ON_ERROR_STOP=1 -f sql/schema.sql
-- For reading, and for the test that proves the migrations give the same. What is deployed are
-- the migrations.

\ir extensions.sql
\ir public.sql
\ir functions/text.sql
\ir types.sql
\ir functions/ticket_codes.sql
\ir functions/problems.sql
\ir tables/users.sql
\ir tables/events.sql
\ir tables/bookings.sql
\ir tables/tickets.sql
\ir tables/sessions.sql
\ir tables/sign_in_failures.sql
\ir tables/activity.sql
\ir tables/event_words.sql
\ir functions/refuse_change.sql
\ir functions/activity_partitions.sql
\ir functions/availability.sql
\ir functions/counters.sql
\ir functions/event_words.sql
\ir functions/search_events.sql
\ir functions/booking_with_tickets.sql
\ir functions/booking_requests.sql
\ir functions/book_tickets.sql
\ir functions/cancel_booking.sql
\ir functions/create_event.sql
\ir functions/update_event.sql
\ir functions/check_in_ticket.sql
\ir functions/users.sql
\ir functions/begin_sign_in.sql
\ir functions/oldest_snapshot.sql
\ir views/event_availability.sql
\ir views/event_sales.sql
\ir views/daily_sales.sql
\ir views/booking_details.sql
\ir views/ticket_details.sql
\ir views/recent_activity.sql
\ir views/integrity_violations.sql
\ir roles.sql

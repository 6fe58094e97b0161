-- The whole database from nothing:  psql -v ON_ERROR_STOP=1 -f sql/schema.sql
-- For reading, and for the test that proves the migrations give the same. What is deployed are
-- the migrations.

\ir extensions.sql
\ir functions/text.sql
\ir types.sql
\ir functions/ticket_codes.sql
\ir tables/users.sql
\ir tables/events.sql
\ir tables/bookings.sql
\ir tables/tickets.sql
\ir tables/sessions.sql
\ir tables/sign_in_failures.sql
\ir tables/activity.sql
\ir tables/event_words.sql
\ir tables/event_versions.sql
\ir tables/event_figures.sql
\ir tables/repairs.sql
\ir functions/problems.sql
\ir functions/own_commit.sql
\ir functions/availability.sql
\ir triggers/event_edits.sql
\ir functions/repairs.sql
\ir triggers/times_and_log.sql
\ir triggers/counters.sql
\ir triggers/ledger.sql
\ir functions/event_words.sql
\ir functions/search_events.sql
\ir functions/booking_with_tickets.sql
\ir functions/booking_requests.sql
\ir functions/book_tickets.sql
\ir functions/cancel_booking.sql
\ir functions/update_event.sql
\ir functions/create_event.sql
\ir functions/event_as_of.sql
\ir functions/check_in_ticket.sql
\ir functions/users.sql
\ir functions/begin_sign_in.sql
\ir views/event_availability.sql
\ir views/event_sales.sql
\ir views/daily_sales.sql
\ir views/booking_details.sql
\ir views/ticket_details.sql
\ir views/recent_activity.sql
\ir views/event_figures_by_ledger.sql
\ir views/integrity_violations.sql
\ir roles.sql

-- Comments in plain English.
-- depends: 0025_wrap_function_bodies

COMMENT ON FUNCTION make_activity_partition IS
    'Makes the partition of activity for the month of this day, unless it exists.';

COMMENT ON FUNCTION make_activity_partitions IS
    'Makes the partitions of activity for this month and the next three, and gives each partition '
    'the triggers of activity. Call it each day; calling it more often changes nothing.';

COMMENT ON FUNCTION bookable IS
    'Active and not yet started. A sold-out event stays bookable, because a customer may cancel.';

COMMENT ON FUNCTION book_tickets(booking_request[]) IS
    'Answers up to 1,000 booking requests: one row for each, in order, with the booking and its '
    'tickets, or with the SQLSTATE and detail that the request would have raised alone. A request '
    'that fails does not affect the others. Waits for a lock at most one second (55P03).';

COMMENT ON FUNCTION book_tickets(bigint, bigint, integer, text, bigint, numeric) IS
    'Books tickets: checks and writes in one call, and returns the booking and its ticket codes, '
    'or raises TK001 to TK008 or TK016. A call with the same customer and key returns the booking '
    'as it is now. p_booked_by: the user who books, by default the customer. p_expected_total: the '
    'request is refused when price times quantity is another amount.';

COMMENT ON FUNCTION cancel_booking IS
    'Cancels a booking and its tickets, and returns the booking. A booking that is already '
    'cancelled stays as it is. Raises TK005 when the booking is unknown, or belongs to another '
    'user and the actor is not an admin; TK006 when a ticket was used, or the event has started, '
    'is completed or is cancelled.';

COMMENT ON FUNCTION check_in_ticket IS
    'Admits the holder of a ticket code, once. p_event_id: a ticket for another event is refused; '
    'NULL: a ticket for any event is admitted. Raises TK017 for a mistyped code, TK009 for an '
    'unknown one, TK012 for a ticket for another event, TK011 for a cancelled one, TK010 for a '
    'used one with the time of its use, TK020 when the actor is not an admin.';

COMMENT ON FUNCTION create_event(jsonb, bigint) IS
    'Creates an active event from its fields, by name of column as in editable_fields(), and '
    'returns it. local_date_time may be left out: it then follows from date_time by the rules that '
    'the database has. Raises TK015 when the event would start in the past, TK020 when the actor '
    'is not an admin. The CHECKs of events refuse a row that is wrong in itself.';

COMMENT ON TYPE booking_decision IS
    'What book_tickets() has decided about a request. A request with neither booking_id nor '
    'error_code is not decided yet.';

COMMENT ON FUNCTION decide_booking_requests IS
    'For book_tickets: decides which pending requests are replays, which are refused, and which '
    'are sold out because no pending request fits into what is left. Returns one row for each '
    'pending request, in order. p_pending: the numbers of the pending requests; NULL: all.';

COMMENT ON FUNCTION end_sign_in IS
    'Begins a session, returns its user, and takes back the failure that the attempt counted as. '
    'Returns no row and changes nothing when the user''s password hash is no longer the one that '
    'was verified. Removes some expired sessions.';

COMMENT ON FUNCTION event_as_of IS
    'The row of an event as it was at a time: fields and counters. Returns no row when the event '
    'did not exist yet.';

COMMENT ON FUNCTION change_event_words IS
    'Takes 1 from the count of a word for each time that it occurs in p_gone, and adds 1 for each '
    'time that it occurs in p_come.';

COMMENT ON FUNCTION give_capacity IS
    'For book_tickets: gives tickets to the pending requests, in order, and chooses the ids of '
    'their bookings. Call it while their events and keys are locked. Returns one row for each '
    'request.';

COMMENT ON FUNCTION usable_time_zone IS
    'A time zone that timezone() reads as it is meant: the given one, or the given offset as a '
    'fixed zone when the server does not know the zone or gives its name another meaning.';

COMMENT ON FUNCTION stand_on_own_commit IS
    'Makes the commit of a transaction that writes nothing wait for the synchronous standby like '
    'any other. Call it before an answer says that something is done which an earlier transaction '
    'did.';

COMMENT ON FUNCTION require_admin IS
    'Raises TK020 unless the actor is an admin. NULL passes: it stands for a person in psql, where '
    'nobody signs in. The API checks first; this catches a handler that forgets to.';

COMMENT ON FUNCTION may_act_for IS
    'Whether the actor may see and change what belongs to a user: it is the actor, or the actor is '
    'an admin.';

COMMENT ON FUNCTION end_repair IS
    'Puts the guards back before the transaction ends. The end of the transaction puts them back '
    'in any case.';

COMMENT ON FUNCTION update_event(bigint, jsonb, integer, bigint) IS
    'Edits an event and returns it. p_fields: by name of column as in editable_fields(). A field '
    'that is missing stays as it is, except local_date_time, which then follows date_time and '
    'time_zone by the rules that the database has. p_expected_version: the edit is refused (TK018) '
    'when the event has another version; NULL: any version is accepted. Raises TK002 when the '
    'event is unknown, TK013 when it is no longer active, TK014 when the capacity would be below '
    'the tickets sold, TK015 when the event would move into the past, TK020 when the actor is not '
    'an admin. Status cancelled cancels its bookings and unused tickets. A new price changes no '
    'existing booking. An edit that changes nothing does not raise the version.';

COMMENT ON FUNCTION update_user IS
    'Changes a user''s name and, unless p_password_hash is NULL, the password, which ends the '
    'user''s sessions, and returns the row. Raises TK008 when the user is unknown, TK020 when the '
    'actor is not an admin.';

COMMENT ON TABLE bookings IS
    'The ledger of sales. A booking is written once, may become cancelled once, and is otherwise '
    'never changed or deleted, no matter who writes. UPDATE bookings SET status = ''cancelled'' '
    'cancels its tickets as well.';

COMMENT ON COLUMN bookings.booking_date IS
    'When it was booked: the database''s clock under the event''s lock. A trigger sets it, '
    'whatever an INSERT says.';

COMMENT ON COLUMN bookings.booked_by IS
    'The user who booked: the customer, or an admin at the box office.';

COMMENT ON COLUMN bookings.idempotency_key IS
    'Chosen by the client and unique for the customer: a request with the same key returns this '
    'booking. NULL: booked without a key.';

COMMENT ON COLUMN event_words.one_letter_shorter IS
    'The word, and the word without one letter, for each of its letters. Two words that are one '
    'typing error apart share an entry.';

COMMENT ON TABLE events IS
    'What is on sale. Never deleted. Triggers keep the counters, the version and the history, no '
    'matter who writes.';

COMMENT ON COLUMN events.price IS
    'For one ticket, in the installation''s currency. A new price changes no existing booking.';

COMMENT ON COLUMN events.max_tickets_per_booking IS
    'The largest number of tickets that one booking may hold, for admins as well.';

COMMENT ON CONSTRAINT events_never_oversold ON events IS
    'The promise: no event can hold more sold tickets than its capacity, no matter who writes.';

COMMENT ON TABLE sessions IS 'Who is signed in. Deleting a user deletes their sessions.';

COMMENT ON CONSTRAINT tickets_code_unique ON tickets IS
    'Each code belongs to one ticket. Check-in finds a ticket by the index of this constraint.';

COMMENT ON TRIGGER events_begin_when_written ON events IS
    'The first version begins when it is written. Later times follow it, and event_as_of() relies '
    'on that order.';

COMMENT ON DOMAIN event_description IS
    'Paragraphs of at most 10,000 characters, without control characters except tab and line feed.';

COMMENT ON TYPE activity_action IS
    'The actions that the activity log records. A sale is not one of them: its booking is its '
    'record.';

COMMENT ON COLUMN booking_request.idempotency_key IS
    'A request with the same customer and key returns the booking as it is now. NULL: the request '
    'has no key.';

COMMENT ON COLUMN booking_request.expected_total IS
    'The request is refused when price times quantity is another amount. NULL: any total is '
    'accepted.';

COMMENT ON COLUMN booking_with_tickets.tickets IS
    'An array of objects with id, ticket_code, status and used_at. NULL: the booking has no '
    'tickets, which a repair can cause.';

COMMENT ON COLUMN booking_details.box_office IS 'True when another user booked for the customer.';

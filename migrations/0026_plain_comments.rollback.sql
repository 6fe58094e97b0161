-- Takes 0026_plain_comments back.

COMMENT ON FUNCTION make_activity_partition IS
    'Makes the partition of activity for the month of this day, unless it is there.';

COMMENT ON FUNCTION make_activity_partitions IS
    'Makes the partitions of activity for this month and the next three, and gives each partition '
    'the triggers of activity. To be called each day; calling it more often changes nothing.';

COMMENT ON FUNCTION bookable IS
    'Active and not yet started. A sold-out event stays bookable: somebody may cancel.';

COMMENT ON FUNCTION book_tickets(booking_request[]) IS
    'Many booking requests, 1,000 at most: one row for each, in order, with the booking and its '
    'tickets, or the SQLSTATE and detail it would have raised alone. One request''s failure '
    'touches no other. Waits for a lock at most a second (55P03).';

COMMENT ON FUNCTION book_tickets(bigint, bigint, integer, text, bigint, numeric) IS
    'Books tickets: checks and writes in one call, and returns the booking and its ticket codes, '
    'or raises TK001 to TK008 or TK016. The same customer and key again returns the booking as it '
    'is now. p_booked_by: who presses the button, by default the customer. p_expected_total: '
    'refuse when price times quantity is not this.';

COMMENT ON FUNCTION cancel_booking IS
    'Cancels a booking and its tickets, and returns it; one that is already cancelled stays as it '
    'is. Raises TK005 when it is unknown, or is not the actor''s own and the actor is not an '
    'admin; TK006 when a ticket was used, or the event has started, is completed or cancelled.';

COMMENT ON FUNCTION check_in_ticket IS
    'Admits the holder of a ticket code, once. p_event_id: refuse a ticket for another event; '
    'NULL: any event. Raises TK017 mistyped, TK009 unknown, TK012 for another event, TK011 '
    'cancelled, TK010 already used (and when), TK020 when the actor is not an admin.';

COMMENT ON FUNCTION create_event(jsonb, bigint) IS
    'Creates an active event from its fields, by name of column as in editable_fields(), and '
    'returns it. local_date_time may be left out: it then follows from date_time by the rules '
    'that the database has. Raises TK015 when it would start in the past, TK020 when the actor is '
    'not an admin. The CHECKs of events refuse a row that is wrong in itself.';

COMMENT ON TYPE booking_decision IS
    'What book_tickets() has decided about a request. Neither booking_id nor error_code: nothing '
    'yet.';

COMMENT ON FUNCTION decide_booking_requests IS
    'For book_tickets: replays, refusals, and sold-out where no pending request fits into what is '
    'left. One row for each pending request, in order. p_pending: their numbers; NULL: all.';

COMMENT ON FUNCTION end_sign_in IS
    'Begins a session and returns its user: the attempt was no failure. Returns no row and '
    'changes nothing when the user''s password hash is no longer the one that was verified. '
    'Removes some expired sessions.';

COMMENT ON FUNCTION event_as_of IS
    'The row of an event as it was at a time: fields and counters. No row: it did not exist yet.';

COMMENT ON FUNCTION change_event_words IS
    'Counts each of the words that are gone once less and each that has come once more, as often '
    'as it is in its array.';

COMMENT ON FUNCTION give_capacity IS
    'For book_tickets: gives tickets to the pending requests, in order, and the id of the booking '
    'to be. Call it under the locks of their events and keys. One row for each of them.';

COMMENT ON FUNCTION usable_time_zone IS
    'A time zone that timezone() takes for what it is: the one given, or this fixed offset where '
    'the server does not know the zone, or has another meaning for its name.';

COMMENT ON FUNCTION stand_on_own_commit IS
    'Makes the commit of a transaction that writes nothing wait for the synchronous standby like '
    'any other. Called before answering that something is done which was done earlier.';

COMMENT ON FUNCTION require_admin IS
    'Raises TK020 unless the actor is an admin. NULL passes: nobody signed in, it is done in '
    'psql. The API checks first; this catches a handler that forgot to.';

COMMENT ON FUNCTION may_act_for IS
    'Whether the actor may see and change what belongs to a user: everybody their own, an admin '
    'everything.';

COMMENT ON FUNCTION end_repair IS
    'Puts the guards back before the transaction ends. At its end they are back in any case.';

COMMENT ON FUNCTION update_event(bigint, jsonb, integer, bigint) IS
    'Edits an event and returns it. p_fields: by name of column as in editable_fields(); a field '
    'that is missing stays as it is, but local_date_time then follows date_time and time_zone by '
    'the rules that the database has. p_expected_version: refuse (TK018) when somebody edited it '
    'since; NULL: do not look. Raises TK002 unknown, TK013 no longer active, TK014 capacity below '
    'tickets sold, TK015 moved into the past, TK020 when the actor is not an admin. Status '
    'cancelled cancels its bookings and unused tickets. A new price touches no existing booking. '
    'Changing nothing raises no version.';

COMMENT ON FUNCTION update_user IS
    'Changes a user''s name and, unless p_password_hash is NULL, the password, which ends the '
    'user''s sessions, and returns the row. Raises TK008 when unknown, TK020 when the actor is '
    'not an admin.';

COMMENT ON TABLE bookings IS
    'The ledger of sales. A booking is written once, may become cancelled once, and is otherwise '
    'never changed or deleted, whoever writes. UPDATE bookings SET status = ''cancelled'' cancels '
    'its tickets, too.';

COMMENT ON COLUMN bookings.booking_date IS
    'When it was booked: the database''s clock under the event''s lock, whatever is written. A '
    'trigger sets it.';

COMMENT ON COLUMN bookings.booked_by IS
    'Who pressed the button: the customer, or the admin at the box office.';

COMMENT ON COLUMN bookings.idempotency_key IS
    'Chosen by the client, unique for the customer: the same key again returns this booking. '
    'NULL: booked without one.';

COMMENT ON COLUMN event_words.one_letter_shorter IS
    'The word, and it without any one letter: words one typing error apart share one of these.';

COMMENT ON TABLE events IS
    'What is on sale. Never deleted. Triggers keep the counters, the version and the history, '
    'whoever writes.';

COMMENT ON COLUMN events.price IS
    'For one ticket, in the installation''s currency. A new price touches no existing booking.';

COMMENT ON COLUMN events.max_tickets_per_booking IS
    'The most tickets one booking may hold; for admins, too.';

COMMENT ON CONSTRAINT events_never_oversold ON events IS
    'The promise: no event can hold more sold tickets than its capacity, whoever writes.';

COMMENT ON TABLE sessions IS 'Who is signed in. Sessions go with their user.';

COMMENT ON CONSTRAINT tickets_code_unique ON tickets IS
    'A code is one ticket''s; its index is how check-in finds a ticket.';

COMMENT ON TRIGGER events_begin_when_written ON events IS
    'The first version begins when it is written: later times follow it, and event_as_of() relies '
    'on it.';

COMMENT ON DOMAIN event_description IS
    'Paragraphs of at most 10,000 characters; no control characters but tab and line feed.';

COMMENT ON TYPE activity_action IS
    'What the activity log records. A sale is not among them: a sale is its booking row.';

COMMENT ON COLUMN booking_request.idempotency_key IS
    'The same customer and key again returns the booking as it is now. NULL: without one.';

COMMENT ON COLUMN booking_request.expected_total IS
    'Refuse when price times quantity is not this. NULL: any total will do.';

COMMENT ON COLUMN booking_with_tickets.tickets IS
    'An array of objects with id, ticket_code, status and used_at. NULL: it has none, which a '
    'repair can cause.';

COMMENT ON COLUMN booking_details.box_office IS
    'True when somebody else pressed the button for the customer.';

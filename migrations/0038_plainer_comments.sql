-- Comments in plainer English, and true: book_tickets() never raises TK005 or TK006.
-- depends: 0037_add_event_facts

COMMENT ON FUNCTION book_tickets(bigint, bigint, integer, text, bigint, numeric) IS
    'Books tickets: checks and writes in one call, and returns the booking and its ticket codes, '
    'or raises TK001 to TK004, TK007, TK008 or TK016, or 23514 for a malformed key. A call with '
    'the same customer and key returns the booking as it is now. p_booked_by: the user who books, '
    'by default the customer. p_expected_total: the request is refused when price times quantity '
    'is another amount.';

COMMENT ON FUNCTION booking_with_tickets IS
    'Returns a booking with its event and its tickets. Call it only for the customer or an admin, '
    'because it contains the ticket codes.';

COMMENT ON COLUMN booking_decision.available IS
    'How many tickets of the event were left before this round of decisions.';

COMMENT ON FUNCTION give_capacity IS
    'For book_tickets: gives tickets to the pending requests, in order, and chooses the ids of '
    'their bookings. Call it while their events and keys are locked. Returns one row for each '
    'pending request.';

COMMENT ON FUNCTION stand_on_own_commit IS
    'Makes the commit of a transaction that writes nothing wait for the synchronous standby like '
    'any other. Call it before the answer reports something that an earlier transaction did.';

COMMENT ON FUNCTION raise_event_version IS
    'Trigger: an edit raises the version of its event, and sets updated_at to the time of the '
    'edit.';

COMMENT ON FUNCTION cancel_bookings_of_event IS
    'For the triggers of events: cancels all confirmed bookings of an event, whose unused tickets '
    'follow, and returns how many bookings and tickets it cancelled.';

COMMENT ON TRIGGER repairs_are_of_their_own_transaction ON repairs IS
    'A repair row can only name the transaction, the time and the login of the statement that '
    'inserts it. So this also refuses a data-only restore into a migrated database.';

COMMENT ON FUNCTION act_as IS
    'Sets the user whom the log names for the next statements of this transaction. A function with '
    'an actor as parameter calls it before it writes, and calls it with NULL afterwards.';

COMMENT ON FUNCTION acting_user_id IS
    'The user whom act_as() has set, for the log. NULL: no user is known, as for a statement in '
    'psql.';

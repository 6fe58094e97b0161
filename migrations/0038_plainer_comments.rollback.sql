-- Takes 0038_plainer_comments back.

COMMENT ON FUNCTION acting_user_id IS
    'The user for whom the current function acts, as the log records it. NULL: nobody signed in, '
    'it was done in psql.';

COMMENT ON FUNCTION act_as IS
    'Says for whom the next statements of this transaction act, for the log. A function that is '
    'told its actor calls it before it writes, and again with NULL after.';

COMMENT ON TRIGGER repairs_are_of_their_own_transaction ON repairs IS
    'Nobody lets another transaction through, or signs with another login. Also refuses a '
    'data-only restore into a migrated database.';

COMMENT ON FUNCTION cancel_bookings_of_event IS
    'For the triggers of events: cancels all confirmed bookings of an event, whose unused tickets '
    'follow, and returns how many bookings.';

COMMENT ON FUNCTION raise_event_version IS
    'Trigger: an edit raises the version of its event and says when it was made.';

COMMENT ON FUNCTION stand_on_own_commit IS
    'Makes the commit of a transaction that writes nothing wait for the synchronous standby like '
    'any other. Call it before an answer says that something is done which an earlier transaction '
    'did.';

COMMENT ON FUNCTION give_capacity IS
    'For book_tickets: gives tickets to the pending requests, in order, and chooses the ids of '
    'their bookings. Call it while their events and keys are locked. Returns one row for each '
    'request.';

COMMENT ON COLUMN booking_decision.available IS
    'How many tickets of the event were left before this batch.';

COMMENT ON FUNCTION booking_with_tickets IS
    'A booking with its event and its tickets, codes included, for its owner.';

COMMENT ON FUNCTION book_tickets(bigint, bigint, integer, text, bigint, numeric) IS
    'Books tickets: checks and writes in one call, and returns the booking and its ticket codes, '
    'or raises TK001 to TK008 or TK016. A call with the same customer and key returns the booking '
    'as it is now. p_booked_by: the user who books, by default the customer. p_expected_total: the '
    'request is refused when price times quantity is another amount.';

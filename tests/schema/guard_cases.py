"""What happens to each column of the ledger in a manual statement.

tests/schema/test_guards.py builds its matrix from the catalog and from these tables, and fails if a
column is missing here. The outcomes are:

    refused     by a guard: SQLSTATE 23001 and a sentence
    edited      accepted: the event gets a new version, a history row and a log line
    followed    accepted: tickets, counters, history and log are updated
    kept        accepted: nothing else depends on it
    stamped     accepted, but the database writes its own value instead
    generated   refused by PostgreSQL itself, which computes the column

or the name of the constraint that refuses it. In a value, `:name` is the id of that row of the
scenario in tests/schema/guard_matrix.py.
"""

from typing import NamedTuple


class Case(NamedTuple):
    """A value for a column, and the outcome of a statement that writes it."""

    value: str
    outcome: str


LATER, PAST = "2031-05-06 20:00:00+00", "2001-05-06 20:00:00+00"
CODE = "00000-00000-00000-00000-0"

# A valid row, without the columns that have a default.
NEW_ROWS: dict[str, dict[str, str]] = {
    "events": {
        "title": "Jazz Night",
        "venue": "Town Hall",
        "date_time": LATER,
        "time_zone": "Europe/Berlin",
        "capacity": "10",
        "price": "20.00",
    },
    "bookings": {
        "user_id": ":customer",
        "event_id": ":open_event",
        "quantity": "1",
        "unit_price": "20.00",
        "total_amount": "20.00",
        "booked_by": ":customer",
    },
    "tickets": {"booking_id": ":sold", "ticket_code": CODE},
    "activity": {"action": "event-edited"},
    "event_versions": {
        "event_id": ":full_event",
        "version": "9",
        "at": PAST,
        "login": "nobody",
        "fields": "{}",
    },
    "event_figures": {
        "event_id": ":full_event",
        "at": PAST,
        "bookings_count": "0",
        "tickets_sold": "0",
        "revenue": "0",
        "tickets_checked_in": "0",
    },
    "repairs": {"reason": "a test"},
}
# Manual inserts into these tables are always refused.
WRITTEN_BY_TRIGGERS = {"tickets", "event_versions", "event_figures"}

# Updates of one column of an existing row.
UPDATES: dict[str, dict[str, Case]] = {
    "events": {
        "id": Case("DEFAULT", "refused"),
        "title": Case("Swing Night", "edited"),
        "description": Case("With seats.", "edited"),
        "venue": Case("Garden", "edited"),
        "date_time": Case(LATER, "edited"),
        "time_zone": Case("Asia/Tokyo", "edited"),
        "capacity": Case("50", "edited"),
        "price": Case("21.00", "edited"),
        "max_tickets_per_booking": Case("5", "edited"),
        "status": Case("cancelled", "edited"),
        "tickets_sold": Case("0", "refused"),
        "bookings_count": Case("0", "refused"),
        "revenue": Case("0", "refused"),
        "tickets_checked_in": Case("0", "refused"),
        "version": Case("7", "refused"),
        "created_at": Case(PAST, "refused"),
        "updated_at": Case(PAST, "refused"),
        "search_text": Case("jazz", "generated"),
        "counted_at": Case(PAST, "refused"),
        "local_date_time": Case("2001-01-01 00:00", "events_local_date_time_near_date_time"),
        "doors_open": Case("19:30", "edited"),
        "payment_note": Case("Pay at the door.", "edited"),
        "cancellation_reason": Case(
            "The singer is ill.", "events_cancellation_reason_only_when_cancelled"
        ),
        "end_time": Case("22:30", "edited"),
        "address": Case("Quay 7, Hamburg", "edited"),
        "minimum_age": Case("16", "edited"),
        "access_note": Case("Step-free.", "edited"),
        "organiser_contact": Case("Ana, +49 40 123", "edited"),
        "poster_seed": Case("-7", "edited"),
        "category": Case("Comedy", "edited"),
        "sale_starts_at": Case(PAST, "edited"),
        "sale_ends_at": Case("2002-05-06 20:00:00+00", "edited"),
        "max_tickets_per_customer": Case("4", "edited"),
    },
    "bookings": {
        "id": Case("DEFAULT", "refused"),
        "user_id": Case(":admin", "refused"),
        "event_id": Case(":open_event", "refused"),
        "quantity": Case("1", "refused"),
        "unit_price": Case("0", "refused"),
        "total_amount": Case("0", "refused"),
        "booking_date": Case(PAST, "refused"),
        "status": Case("cancelled", "followed"),
        "booked_by": Case(":admin", "refused"),
        "idempotency_key": Case("another", "refused"),
        "cancelled_at": Case(LATER, "bookings_cancelled_exactly_when_cancelled_at"),
        "tickets_checked_in": Case("1", "refused"),
        "written_in": Case("7", "refused"),
        "beyond_customer_limit": Case("true", "refused"),
    },
    "tickets": {
        "id": Case("DEFAULT", "refused"),
        "booking_id": Case(":open_booking", "refused"),
        "ticket_code": Case(CODE, "refused"),
        "status": Case("used", "followed"),
        "used_at": Case(LATER, "tickets_used_exactly_when_used_at"),
    },
    "activity": {
        "id": Case("DEFAULT", "refused"),
        "at": Case(PAST, "refused"),
        "actor_id": Case(":customer", "refused"),
        "action": Case("event-completed", "refused"),
        "event_id": Case("1", "refused"),
        "booking_id": Case("1", "refused"),
        "ticket_id": Case("1", "refused"),
        "user_id": Case("1", "refused"),
        "detail": Case("{}", "refused"),
        "written_in": Case("7", "refused"),
    },
    "event_versions": {
        "event_id": Case("1", "refused"),
        "version": Case("9", "refused"),
        "at": Case(PAST, "refused"),
        "actor_id": Case(":customer", "refused"),
        "login": Case("nobody", "refused"),
        "fields": Case("{}", "refused"),
    },
    "event_figures": {
        "event_id": Case("1", "refused"),
        "at": Case(PAST, "refused"),
        "bookings_count": Case("0", "refused"),
        "tickets_sold": Case("0", "refused"),
        "revenue": Case("0", "refused"),
        "tickets_checked_in": Case("0", "refused"),
    },
    "repairs": {
        "id": Case("DEFAULT", "refused"),
        "at": Case(PAST, "refused"),
        "transaction_id": Case("7", "refused"),
        "login": Case("nobody", "refused"),
        "reason": Case("none", "refused"),
    },
}

# Inserts of a row with this column besides those of NEW_ROWS.
INSERTS: dict[str, dict[str, Case]] = {
    "events": {
        "id": Case(":unused", "kept"),
        "title": Case("Swing Night", "kept"),
        "description": Case("With seats.", "kept"),
        "venue": Case("Garden", "kept"),
        "date_time": Case(LATER, "kept"),
        "time_zone": Case("Asia/Tokyo", "kept"),
        "capacity": Case("50", "kept"),
        "price": Case("21.00", "kept"),
        "max_tickets_per_booking": Case("5", "kept"),
        "status": Case("cancelled", "kept"),
        "tickets_sold": Case("5", "refused"),
        "bookings_count": Case("1", "refused"),
        "revenue": Case("5", "refused"),
        "tickets_checked_in": Case("1", "refused"),
        "version": Case("7", "refused"),
        "created_at": Case(PAST, "kept"),
        "updated_at": Case(PAST, "refused"),
        "search_text": Case("jazz", "generated"),
        "counted_at": Case(PAST, "refused"),
        "local_date_time": Case("2001-01-01 00:00", "events_local_date_time_near_date_time"),
        "doors_open": Case("19:30", "kept"),
        "payment_note": Case("Pay at the door.", "kept"),
        "cancellation_reason": Case(
            "The singer is ill.", "events_cancellation_reason_only_when_cancelled"
        ),
        "end_time": Case("22:30", "kept"),
        "address": Case("Quay 7, Hamburg", "kept"),
        "minimum_age": Case("16", "kept"),
        "access_note": Case("Step-free.", "kept"),
        "organiser_contact": Case("Ana, +49 40 123", "kept"),
        "poster_seed": Case("-7", "kept"),
        "category": Case("Comedy", "kept"),
        "sale_starts_at": Case(PAST, "kept"),
        "sale_ends_at": Case("2002-05-06 20:00:00+00", "kept"),
        "max_tickets_per_customer": Case("4", "kept"),
    },
    "bookings": {
        "id": Case(":unused", "followed"),
        "user_id": Case(":admin", "followed"),
        "event_id": Case(":full_event", "events_never_oversold"),
        "quantity": Case("2", "bookings_total_amount_is_price_times_quantity"),
        "unit_price": Case("21", "bookings_total_amount_is_price_times_quantity"),
        "total_amount": Case("21", "bookings_total_amount_is_price_times_quantity"),
        "booking_date": Case(PAST, "stamped"),
        "status": Case("cancelled", "refused"),
        "booked_by": Case(":admin", "followed"),
        "idempotency_key": Case(":unused", "followed"),
        "cancelled_at": Case(LATER, "bookings_cancelled_exactly_when_cancelled_at"),
        "tickets_checked_in": Case("1", "refused"),
        "written_in": Case("7", "stamped"),
        "beyond_customer_limit": Case("true", "followed"),
    },
    "tickets": {
        "id": Case(":unused", "refused"),
        "booking_id": Case(":open_booking", "refused"),
        "ticket_code": Case(CODE, "refused"),
        "status": Case("cancelled", "refused"),
        "used_at": Case(PAST, "refused"),
    },
    # A manual line may note what the API does not log. A line cannot be deleted.
    "activity": {
        "id": Case(":unused", "kept"),
        "at": Case(PAST, "kept"),
        "actor_id": Case(":customer", "kept"),
        "action": Case("event-completed", "kept"),
        "event_id": Case(":full_event", "kept"),
        "booking_id": Case(":sold", "kept"),
        "ticket_id": Case("1", "kept"),
        "user_id": Case(":customer", "kept"),
        "detail": Case("{}", "kept"),
        "written_in": Case("7", "stamped"),
    },
    "event_versions": {
        "event_id": Case(":open_event", "refused"),
        "version": Case("8", "refused"),
        "at": Case(LATER, "refused"),
        "actor_id": Case(":customer", "refused"),
        "login": Case("owner", "refused"),
        "fields": Case("{}", "refused"),
    },
    "event_figures": {
        "event_id": Case(":open_event", "refused"),
        "at": Case(LATER, "refused"),
        "bookings_count": Case("0", "refused"),
        "tickets_sold": Case("0", "refused"),
        "revenue": Case("0", "refused"),
        "tickets_checked_in": Case("0", "refused"),
    },
    "repairs": {
        "id": Case(":unused", "kept"),
        "at": Case(PAST, "refused"),
        "transaction_id": Case("7", "refused"),
        "login": Case("nobody", "refused"),
        "reason": Case("another test", "kept"),
    },
}

# Changes of a row's status in another state.
TRANSITIONS: list[tuple[str, str, str, Case]] = [
    ("events", "full_event", "status", Case("completed", "edited")),
    ("events", "ended_event", "status", Case("active", "refused")),
    ("events", "ended_event", "status", Case("completed", "refused")),
    ("events", "full_event", "status", Case("draft", "refused")),
    ("events", "draft_event", "status", Case("completed", "refused")),
    ("events", "full_event", "capacity", Case("3", "events_never_oversold")),
    ("bookings", "cancelled", "status", Case("confirmed", "refused")),
    ("bookings", "cancelled", "cancelled_at", Case(LATER, "refused")),
    ("bookings", "used", "status", Case("cancelled", "refused")),
    ("tickets", "active_ticket", "status", Case("cancelled", "refused")),
    ("tickets", "used_ticket", "status", Case("active", "refused")),
    ("tickets", "used_ticket", "used_at", Case(LATER, "refused")),
    ("tickets", "cancelled_ticket", "status", Case("active", "refused")),
    ("tickets", "cancelled_ticket", "status", Case("used", "refused")),
]

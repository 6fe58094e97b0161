"""What analysts ask in psql, and the indexes and tables that may answer it."""

from typing import LiteralString

# Questions of an analyst or a DBA in psql, and the index that must be used.
QUESTIONS = {
    "SELECT * FROM recent_activity WHERE actor_id = 7 AND action <> 'ticket-admitted'"
    " ORDER BY activity_id DESC LIMIT 20": "activity_by_actor",
    "SELECT * FROM recent_activity WHERE booking_id = 7 ORDER BY activity_id": (
        "activity_by_booking"
    ),
    # The range is in the middle of a month: the planner must not read the whole month.
    "SELECT count(*) FROM recent_activity WHERE at >= now() - interval '15 days'"
    " AND at < now() - interval '15 days' + interval '1 minute'": "activity_by_time",
}


# Questions about views: the indexes that must be used, and all tables that may be read.
VIEW_CASES: list[tuple[LiteralString, set[str], set[str]]] = [
    (
        (
            "SELECT sum(tickets), sum(amount) FROM ledger_entries"
            " WHERE at >= now() - interval '1 hour' AND at < now()"
        ),
        {"bookings_by_time"},
        {"bookings"},
    ),
    (
        (
            "SELECT quantity, count(*) FROM booking_details"
            " WHERE booking_date >= now() - interval '1 hour' GROUP BY quantity"
        ),
        {"bookings_by_time"},
        {"bookings"},
    ),
    ("SELECT status, count(*) FROM booking_details GROUP BY status", set(), {"bookings"}),
    ("SELECT status, count(*) FROM ticket_details GROUP BY status", set(), {"tickets"}),
    ("SELECT name FROM customers WHERE role = 'admin'", set(), {"users"}),
    (
        "SELECT spent FROM customers WHERE user_id = 2",
        {"users_pkey", "bookings_by_user"},
        {"users", "bookings"},
    ),
]

"""For each file of sql/queries: parameters, and the indexes that must answer it.

$names stand for rows of the full database; see test_plans.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import LiteralString

from tests.support.event_edits import as_json
from tests.support.rows import PASSWORD_HASH, in_days

TODAY = in_days(0).date()
LATER = in_days(30)


@dataclass(frozen=True)
class Case:
    """One way to run a query."""

    query: str
    parameters: Sequence[object]
    indexes: set[str]
    # Tables that may be read from end to end: the question is about all of their rows.
    read_whole: set[str] = field(default_factory=set)


# What an analyst or a DBA asks in psql, and the index that must answer it.
QUESTIONS = {
    "SELECT * FROM recent_activity WHERE actor_id = 7 AND action <> 'ticket-admitted'"
    " ORDER BY activity_id DESC LIMIT 20": "activity_by_actor",
    "SELECT * FROM recent_activity WHERE booking_id = 7 ORDER BY activity_id": (
        "activity_by_booking"
    ),
    # In the middle of a month, or near it: the planner need not read all of that month.
    "SELECT count(*) FROM recent_activity WHERE at >= now() - interval '15 days'"
    " AND at < now() - interval '15 days' + interval '1 minute'": "activity_by_time",
}

PAGE: list[object] = [None, None, 20]
GALA: dict[str, object] = {
    "title": "Gala",
    "venue": "Hall",
    "date_time": LATER,
    "time_zone": "UTC",
    "capacity": 9000,
    "price": 5,
}
NEW_EVENT: list[object] = [as_json(GALA), "$admin"]
EDITED_EVENT: list[object] = ["$event", as_json({**GALA, "status": "active"}), None, "$admin"]
CANCELLED_EVENT: list[object] = ["$event", as_json({"status": "cancelled"}), None, "$admin"]
ANY_WORD = {"event_words"}  # a thousand words: reading them all may be cheaper

CASES = [
    Case(
        "begin_sign_in",
        ["+491710000077", "10.0.0.5"],
        {"sign_in_failures_by_address", "sign_in_failures_by_at", "users_phone_unique"},
        {"sign_in_failures"},  # when a good part of it is old
    ),
    Case(
        "book_tickets",
        [["$user"] * 2, ["$event"] * 2, [1, 1], ["$key", "new-key"], [None] * 2, [None] * 2],
        {
            "bookings_one_per_idempotency_key",
            "users_pkey",
            "events_pkey",
            "bookings_pkey",
            "tickets_by_booking",
        },
    ),
    Case("cancel_booking", ["$booking", "$user"], {"bookings_pkey", "tickets_by_booking"}),
    Case(
        "check_in_ticket",
        ["$code", None, "$admin"],
        {"tickets_code_unique", "bookings_pkey", "events_pkey", "users_pkey"},
    ),
    Case("create_event", NEW_EVENT, {"users_pkey"}),
    Case("create_user", ["Ada", "+4930123456", "customer", None, "$admin"], set()),
    Case("end_session", ["$token"], {"sessions_pkey"}),
    Case(
        "end_sign_in",
        ["$failure", b"0" * 32, "$user", PASSWORD_HASH],
        {"sign_in_failures_pkey", "sessions_by_expires_at", "users_pkey"},
    ),
    Case("export_event_bookings", ["$event"], {"bookings_by_event", "events_pkey"}, {"users"}),
    Case("find_sessions", [["$token"]], {"sessions_pkey", "users_pkey"}),
    Case("find_password_hashes", [["+4930123456"]], {"users_phone_unique"}),
    Case("get_admin_event", ["$event"], {"events_pkey"}),
    Case("get_booking", ["$booking"], {"bookings_pkey", "events_pkey", "tickets_by_booking"}),
    Case("get_event", ["$event"], {"events_pkey"}),
    Case("get_server_start", [], set()),
    Case("get_login", [], set()),
    Case("get_oldest_snapshot", [], set()),
    Case("get_ticket", ["$code", "$user"], {"tickets_code_unique", "bookings_pkey"}),
    Case("get_user", ["$user"], {"users_pkey"}),
    Case("list_activity", PAGE, {"activity_pkey"}),
    Case("list_activity", [None, 5000, 20], {"activity_pkey"}),
    Case("list_activity", ["$event", None, 20], {"activity_by_event"}),
    Case("list_admin_events_by_date", [None, None, *PAGE], {"events_by_date_time"}),
    Case("list_admin_events_by_date", [None, None, LATER, 1, 20], {"events_by_date_time"}),
    Case("list_admin_events_by_date", [None, "quokka", *PAGE], {"events_search"}),
    Case("list_admin_events_by_date_reversed", [None, None, *PAGE], {"events_by_date_time"}),
    Case("list_admin_events_by_date_reversed", [None, None, LATER, 1, 20], {"events_by_date_time"}),
    # Figures change with every sale, so no index is on them.
    Case(
        "list_admin_events_by_figure",
        [None, None, "revenue", -1, *PAGE],
        {"events_pkey"},
        {"events"},
    ),
    Case("list_admin_events_by_title", [None, None, *PAGE], {"events_pkey"}, {"events"}),
    Case("list_admin_events_by_title_reversed", [None, None, *PAGE], {"events_pkey"}, {"events"}),
    Case("list_coming_events", [], {"events_by_date_time"}, {"events"}),
    Case("list_daily_sales", ["$event"], {"bookings_by_event", "events_pkey"}),
    Case("list_event_bookings", ["$event", None, *PAGE], {"bookings_by_event", "users_pkey"}),
    Case("list_event_bookings", ["$event", None, LATER, 1, 20], {"bookings_by_event"}),
    Case(
        "list_event_violations",
        ["$event", 20],
        {"events_pkey", "bookings_by_event", "tickets_by_booking", "activity_by_event"},
    ),
    Case("list_events", [None, None, None, None, *PAGE], {"events_by_date_time"}),
    Case("list_events", [None, None, None, None, LATER, 1, 20], {"events_by_date_time"}),
    Case("list_events", [None, None, TODAY, TODAY, *PAGE], {"events_by_date_time"}),
    Case("list_events", [LATER, None, None, None, *PAGE], {"events_by_date_time"}),
    Case("list_events_by_status", [*[None] * 6, *PAGE], {"events_by_date_time"}),
    Case("list_events_by_status", ["cancelled", *[None] * 5, *PAGE], {"events_by_date_time"}),
    Case("list_events_by_status", [None, "quokka", *[None] * 4, *PAGE], {"events_search"}),
    Case("list_integrity_findings", [20], set()),
    Case("list_migrations", [], set()),
    Case(
        "list_user_bookings",
        ["$user", False, *PAGE],
        {"bookings_by_user", "tickets_by_booking", "events_pkey"},
    ),
    Case("list_user_bookings", ["$user", True, LATER, 1, 20], {"bookings_by_user"}),
    Case(
        "list_user_upcoming_bookings",
        ["$other_user", *PAGE],
        {"bookings_by_user", "tickets_by_booking", "events_pkey"},
    ),
    Case("make_activity_partitions", [], set()),
    Case("move_event", ["$event", "$start", 1], {"events_pkey"}),
    Case("make_admin", ["Ada", "+491710000077", PASSWORD_HASH], {"sessions_by_user"}),
    Case("rehash_password", ["$user", "old", PASSWORD_HASH], {"users_pkey"}),
    Case("search_events", ["quokka", *[None] * 7, 20], {"events_search", "events_pkey"}, ANY_WORD),
    Case("search_events", ["zydeko", *[None] * 7, 20], {"events_search"}, ANY_WORD),
    Case("search_users", PAGE, {"users_pkey"}),
    Case("search_users", ["zzyzx", None, 20], {"users_search"}),
    Case("sign_up", ["Ada", "+4930123456", PASSWORD_HASH], set()),
    Case("stand_on_own_commit", [], set()),
    Case("sum_admin_events", [None, None], set(), {"events"}),
    Case("sum_admin_events", [None, "quokka"], {"events_search"}, {"events"}),
    # The first slice: 10,000 of 100,000 events, and how many there are.
    Case(
        "sweep_integrity",
        [],
        {"events_pkey"},
        {"events", "bookings", "tickets", "users", "activity"},
    ),
    Case("update_event", EDITED_EVENT, {"events_pkey"}, ANY_WORD),
    Case(
        "update_event",
        CANCELLED_EVENT,
        {"events_pkey", "bookings_by_event", "tickets_by_booking"},
        ANY_WORD,
    ),
    Case(
        "update_user", ["$user", "Ada", PASSWORD_HASH, "$admin"], {"users_pkey", "sessions_by_user"}
    ),
]

# What analysts ask of the views: the indexes that must answer it, and all tables that may be read.
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

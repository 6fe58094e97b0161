"""For each file of sql/queries: parameters, and the indexes that must be used.

$names stand for rows of the large database; see test_plans.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.support.event_edits import as_json
from tests.support.rows import PASSWORD_HASH, in_days

TODAY = in_days(0).date()
LATER = in_days(30)


@dataclass(frozen=True)
class Case:
    """One way to run a query."""

    query: str
    parameters: Mapping[str, object]
    indexes: set[str]
    # Tables that may be read whole, because the question is about all of their rows.
    read_whole: set[str] = field(default_factory=set)


GALA: dict[str, object] = {
    "title": "Gala",
    "venue": "Hall",
    "date_time": LATER,
    "time_zone": "UTC",
    "capacity": 9000,
    "price": 5,
}
EDIT: dict[str, object] = {"event_id": "$event", "expected_version": None, "actor_id": "$admin"}
NEW_USER: dict[str, object] = {"name": "Ada", "phone": "+4930123456", "role": "customer"}
ANY_WORD = {"event_words"}  # with only a thousand words, reading them all may be cheaper


def page(**after: object) -> dict[str, object]:
    """Return the parameters of a page; None stands for the first page."""
    return {**{f"after_{column}": value for column, value in after.items()}, "limit": 20}


FIRST_EVENTS = page(date_time=None, event_id=None)
LATER_EVENTS = page(date_time=LATER, event_id=1)
FIRST_SORTED = page(sort_key=None, event_id=None)
FIRST_BOOKINGS = page(booking_date=None, id=None)
LATER_BOOKINGS = page(booking_date=LATER, id=1)
ANY_BOOKING: dict[str, object] = {"search": None, "booking_id": None, "code": None}
ANY_EVENT: dict[str, object] = {"status": None, "search": None, "from_time": None}
QUOKKA: dict[str, object] = {"status": None, "search": "quokka", "from_time": None}
NO_BOUNDS: dict[str, object] = dict.fromkeys(("from_time", "to_time", "from_day", "to_day"))
MATCHES = {**NO_BOUNDS, **page(match_class=None, date_time=None, event_id=None)}

CASES = [
    Case(
        "begin_sign_in",
        {"phone": "+491710000077", "address": "10.0.0.5"},
        {"sign_in_failures_by_address", "sign_in_failures_by_at", "users_phone_unique"},
        {"sign_in_failures"},  # if a large part of the rows is old
    ),
    Case(
        "book_tickets",
        {"requests": [("$user", "$event", 1, key, None, None) for key in ("$key", "new-key")]},
        {
            "bookings_one_per_idempotency_key",
            "users_pkey",
            "events_pkey",
            "bookings_pkey",
            "tickets_by_booking",
        },
    ),
    Case(
        "cancel_booking",
        {"booking_id": "$booking", "actor_id": "$user"},
        {"bookings_pkey", "tickets_by_booking"},
    ),
    Case(
        "check_in_ticket",
        {"code": "$code", "event_id": None, "actor_id": "$admin"},
        {"tickets_code_unique", "bookings_pkey", "events_pkey", "users_pkey"},
    ),
    Case(
        "create_event",
        {"fields": as_json(GALA), "actor_id": "$admin", "idempotency_key": "new"},
        {"users_pkey"},
    ),
    Case("create_user", {"fields": as_json(NEW_USER), "actor_id": "$admin"}, set()),
    Case("end_session", {"token_hash": "$token"}, {"sessions_pkey"}),
    Case(
        "end_sign_in",
        {
            "attempt_id": "$failure",
            "token_hash": b"0" * 32,
            "user_id": "$user",
            "password_hash": PASSWORD_HASH,
        },
        {"sign_in_failures_pkey", "sessions_by_expires_at", "users_pkey"},
    ),
    Case(
        "export_event_bookings",
        {"event_id": "$event"},
        {"bookings_by_event", "events_pkey"},
        {"users"},
    ),
    Case("find_sessions", {"token_hashes": ["$token"]}, {"sessions_pkey", "users_pkey"}),
    Case("find_password_hashes", {"phones": ["+4930123456"]}, {"users_phone_unique"}),
    Case(
        "get_booking",
        {"booking_id": "$booking", "caller_id": "$user"},
        {"bookings_pkey", "events_pkey", "tickets_by_booking"},
    ),
    Case("get_event", {"event_id": "$event"}, {"events_pkey"}),
    Case("get_server_start", {}, set()),
    Case("get_login", {}, set()),
    Case("get_oldest_snapshot", {}, set()),
    Case(
        "get_ticket",
        {"code": "$code", "caller_id": "$user"},
        {"tickets_code_unique", "bookings_pkey"},
    ),
    Case("list_activity", {"event_id": None, **page(activity_id=None)}, {"activity_pkey"}),
    Case("list_activity", {"event_id": None, **page(activity_id=5000)}, {"activity_pkey"}),
    Case("list_activity", {"event_id": "$event", **page(activity_id=None)}, {"activity_by_event"}),
    Case("list_admin_events_by_date", {**ANY_EVENT, **FIRST_EVENTS}, {"events_by_date_time"}),
    Case("list_admin_events_by_date", {**ANY_EVENT, **LATER_EVENTS}, {"events_by_date_time"}),
    Case("list_admin_events_by_date", {**QUOKKA, **FIRST_EVENTS}, {"events_search"}),
    Case(
        "list_admin_events_by_date_reversed",
        {**ANY_EVENT, **FIRST_EVENTS},
        {"events_by_date_time"},
    ),
    Case(
        "list_admin_events_by_date_reversed",
        {**ANY_EVENT, **LATER_EVENTS},
        {"events_by_date_time"},
    ),
    # Figures change with every sale, so they have no index.
    Case(
        "list_admin_events_by_figure",
        {**ANY_EVENT, "figure": "revenue", "direction": -1, **FIRST_SORTED},
        {"events_pkey"},
        {"events"},
    ),
    Case("list_admin_events_by_title", {**ANY_EVENT, **FIRST_SORTED}, {"events_pkey"}, {"events"}),
    Case(
        "list_admin_events_by_title_reversed",
        {**ANY_EVENT, **FIRST_SORTED},
        {"events_pkey"},
        {"events"},
    ),
    Case("list_coming_events", {}, {"events_by_date_time"}, {"events"}),
    Case("list_daily_sales", {"event_id": "$event"}, {"bookings_by_event", "events_pkey"}),
    Case(
        "list_event_bookings",
        {"event_id": "$event", **ANY_BOOKING, **FIRST_BOOKINGS},
        {"bookings_by_event", "users_pkey"},
    ),
    Case(
        "list_event_bookings",
        {"event_id": "$event", **ANY_BOOKING, **LATER_BOOKINGS},
        {"bookings_by_event"},
    ),
    Case(
        "list_event_violations",
        {"event_id": "$event", "limit": 20},
        {"events_pkey", "bookings_by_event", "tickets_by_booking", "activity_by_event"},
    ),
    Case("list_events", {**NO_BOUNDS, **FIRST_EVENTS}, {"events_by_date_time"}),
    Case("list_events", {**NO_BOUNDS, **LATER_EVENTS}, {"events_by_date_time"}),
    Case(
        "list_events",
        {**NO_BOUNDS, "from_day": TODAY, "to_day": TODAY, **FIRST_EVENTS},
        {"events_by_date_time"},
    ),
    Case("list_events", {**NO_BOUNDS, "from_time": LATER, **FIRST_EVENTS}, {"events_by_date_time"}),
    Case(
        "list_events_by_status",
        {**ANY_EVENT, **NO_BOUNDS, **FIRST_EVENTS},
        {"events_by_date_time"},
    ),
    Case(
        "list_events_by_status",
        {**ANY_EVENT, "status": "cancelled", **NO_BOUNDS, **FIRST_EVENTS},
        {"events_by_date_time"},
    ),
    Case("list_events_by_status", {**QUOKKA, **NO_BOUNDS, **FIRST_EVENTS}, {"events_search"}),
    Case("list_integrity_findings", {"limit": 20}, set()),
    Case("list_sitemap", {"limit": 20}, {"events_by_date_time"}),
    Case("list_migrations", {}, set()),
    Case(
        "list_user_bookings",
        {"user_id": "$user", **FIRST_BOOKINGS},
        {"bookings_by_user", "tickets_by_booking", "events_pkey"},
    ),
    Case(
        "list_user_past_bookings",
        {"user_id": "$user", **page(event_date_time=LATER, id=1)},
        {"bookings_by_user"},
    ),
    Case(
        "list_user_upcoming_bookings",
        {"user_id": "$other_user", **page(event_date_time=None, id=None)},
        {"bookings_by_user", "tickets_by_booking", "events_pkey"},
    ),
    Case("make_activity_partitions", {}, set()),
    Case(
        "move_event", {"event_id": "$event", "date_time": "$start", "version": 1}, {"events_pkey"}
    ),
    Case(
        "make_admin",
        {"name": "Ada", "phone": "+491710000077", "password_hash": PASSWORD_HASH},
        {"sessions_by_user"},
    ),
    Case(
        "rehash_password",
        {"user_id": "$user", "old_hash": "old", "new_hash": PASSWORD_HASH},
        {"users_pkey"},
    ),
    Case(
        "search_events",
        {"search": "quokka", **MATCHES},
        {"events_search", "events_pkey"},
        ANY_WORD,
    ),
    Case(
        "search_events",
        {"search": "zydeko", **MATCHES},
        {"events_search"},
        ANY_WORD,
    ),
    Case("search_users", {"search": None, **page(id=None)}, {"users_pkey"}),
    Case("search_users", {"search": "zzyzx", **page(id=None)}, {"users_search"}),
    Case("sign_up", {"name": "Ada", "phone": "+4930123456", "password_hash": PASSWORD_HASH}, set()),
    Case("stand_on_own_commit", {}, set()),
    Case("sum_admin_events", ANY_EVENT, set(), {"events"}),
    Case("sum_admin_events", QUOKKA, {"events_search"}, {"events"}),
    # The first slice: 10,000 of 100,000 events, and their total number.
    Case(
        "sweep_integrity",
        {},
        {"events_pkey"},
        {"events", "bookings", "tickets", "users", "activity"},
    ),
    Case(
        "update_event",
        {**EDIT, "fields": as_json({**GALA, "status": "active"})},
        {"events_pkey"},
        ANY_WORD,
    ),
    Case(
        "update_event",
        {**EDIT, "fields": as_json({"status": "cancelled"})},
        {"events_pkey", "bookings_by_event", "tickets_by_booking"},
        ANY_WORD,
    ),
    Case(
        "update_user",
        {
            "user_id": "$user",
            "name": "Ada",
            "password_hash": PASSWORD_HASH,
            "actor_id": "$admin",
        },
        {"users_pkey", "sessions_by_user"},
    ),
]

"""For each file of sql/queries: parameters, and the indexes that must be used.

$names stand for rows of the large database; see test_plans.py.
"""

from datetime import timedelta

from tests.schema.account_plan_cases import ACCOUNT_CASES
from tests.schema.event_plan_cases import EVENT_CASES
from tests.schema.notice_plan_cases import NOTICE_CASES
from tests.schema.plan_case import (
    ADMINS,
    ANY_BOOKING,
    ANY_WORD,
    EDIT,
    FIRST_BOOKINGS,
    GALA,
    LATER,
    LATER_BOOKINGS,
    WEBHOOK,
    YESTERDAY,
    Case,
    page,
)
from tests.support.event_edits import as_json

CASES = [
    *ACCOUNT_CASES,
    *EVENT_CASES,
    *NOTICE_CASES,
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
        "book_tickets_beyond_limit",
        {"requests": [("$user", "$event", 1, "another-key", "$admin", None)]},
        {"users_pkey", "events_pkey", "bookings_pkey", "tickets_by_booking"},
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
        "copy_event",
        {
            "event_id": "$event",
            "dates": [(LATER, None)],
            "actor_id": "$admin",
            "idempotency_key": "copy",
        },
        {"events_pkey", "users_pkey"},
    ),
    Case(
        "create_event",
        {"fields": as_json(GALA), "actor_id": "$admin", "idempotency_key": "new"},
        {"users_pkey"},
    ),
    Case("end_calendar", {"user_id": "$user"}, {"calendars_pkey"}),
    Case(
        "export_event_bookings",
        {"event_id": "$event"},
        {"bookings_by_event", "events_pkey"},
        {"users"},
    ),
    Case("find_calendar", {"secret_hash": b"0" * 32}, {"calendars_secret_hash_unique"}),
    Case(
        "get_booking",
        {"booking_id": "$booking", "caller_id": "$user"},
        {"bookings_pkey", "events_pkey", "tickets_by_booking"},
    ),
    Case("get_calendar", {"user_id": "$user"}, {"calendars_pkey"}),
    Case(
        "get_calendar_entry",
        {"booking_id": "$booking", "caller_id": "$user"},
        {"bookings_pkey", "events_pkey"},
    ),
    Case("get_event", {"event_id": "$event"}, {"events_pkey"}),
    Case("get_published_event", {"event_id": "$event"}, {"events_pkey"}),
    Case("get_server_start", {}, set()),
    Case("get_login", {}, set()),
    Case("get_oldest_snapshot", {}, set()),
    Case("get_background_figures", {}, set()),
    Case("fan_out_facts", {"at_most": 500}, {"bookings_in_commit_order"}),
    Case("pause_restored_facts", {}, set()),
    Case("list_due_webhook_endpoints", {"busy": [], "limit": 50}, set()),
    Case(
        "claim_deliveries", {"endpoint_id": 1, "at_most": 5, "lease": timedelta(minutes=1)}, set()
    ),
    Case("list_webhooks", {}, set()),
    Case("get_webhook", {"webhook_id": "$webhook"}, set()),
    Case(
        "create_webhook",
        {**WEBHOOK, "actor_id": "$admin", "idempotency_key": "new"},
        {ADMINS, "events_pkey"},
    ),
    Case(
        "update_webhook",
        {**WEBHOOK, "webhook_id": "$webhook", "enabled": True, "actor_id": "$admin"},
        {ADMINS, "events_pkey"},
    ),
    Case("rotate_webhook_secret", {"webhook_id": "$webhook", "actor_id": None}, set()),
    Case("delete_webhook", {"webhook_id": "$webhook", "actor_id": None}, set()),
    Case("test_webhook", {"webhook_id": "$webhook", "actor_id": None}, set()),
    Case("list_event_tokens", {"event_id": 7, **page(id=None)}, {"api_tokens_by_event"}),
    Case("list_webhook_deliveries", {"webhook_id": "$webhook", **page(id=None)}, set()),
    Case("list_failing_webhook_deliveries", {"webhook_id": "$webhook", **page(id=None)}, set()),
    Case(
        "replay_facts",
        {"webhook_id": "$webhook", "from_time": YESTERDAY, "to_time": LATER, "actor_id": None},
        {"bookings_by_time", "activity_by_time"},
    ),
    Case("delete_old_deliveries", {"at_most": 1000}, set()),
    Case(
        "purge",
        {"at_most": 1000, "mail_days": 90, "notice_days": 365},
        {
            "notices_pkey",
            "sessions_by_expires_at",
            "sign_in_failures_by_at",
            "sign_ups_by_at",
        },
        {"sign_in_failures", "sign_ups"},  # if a large part of the rows is old
    ),
    Case(
        "finish_delivery",
        {"delivery_id": 1, "status": 200, "error": None, "retry_after": None},
        set(),
    ),
    Case(
        "list_event_history", {"event_id": "$event", **page(version=None)}, {"event_versions_pkey"}
    ),
    Case("get_event_as_of", {"event_id": "$event", "at": "$start"}, set()),
    Case("write_reminders", {}, {"events_by_date_time"}),
    Case(
        "get_ticket",
        {"code": "$code", "caller_id": "$user"},
        {"tickets_code_unique", "bookings_pkey"},
    ),
    Case("list_activity", {"event_id": None, **page(activity_id=None)}, {"activity_pkey"}),
    Case("list_activity", {"event_id": None, **page(activity_id=5000)}, {"activity_pkey"}),
    Case("list_activity", {"event_id": "$event", **page(activity_id=None)}, {"activity_by_event"}),
    Case("list_event_time_zones", {}, {"events_by_date_time"}, {"events"}, rows=100),
    Case(
        "list_calendar_entries",
        {"user_id": "$user", "limit": 200},
        {"bookings_by_user", "events_pkey"},
    ),
    Case(
        "list_daily_sales",
        {"event_id": "$event"},
        {"bookings_of_customer_for_event", "events_pkey"},
    ),
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
    Case("list_integrity_findings", {"limit": 20}, set()),
    Case("list_sitemap", {"limit": 20}, {"events_by_date_time"}),
    Case("list_migrations", {}, set()),
    Case(
        "get_customer_limit",
        {"event_id": "$event", "user_id": "$user", "sees_drafts": False},
        {"events_pkey"},
    ),
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
    Case("make_calendar", {"user_id": "$user", "secret_hash": b"1" * 32}, set()),
    Case("make_activity_partitions", {}, set()),
    Case(
        "move_event", {"event_id": "$event", "date_time": "$start", "version": 1}, {"events_pkey"}
    ),
    Case("set_optional_mail", {"user_id": "$user", "optional_mail": False}, {"users_pkey"}),
    Case("wait_for_standby_at_commit", {}, set()),
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
        {"events_pkey", "bookings_of_customer_for_event", "tickets_by_booking"},
        ANY_WORD,
    ),
]

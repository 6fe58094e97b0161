"""For each file of sql/queries: parameters, and the indexes that must be used.

$names stand for rows of the large database; see test_plans.py.
"""

from datetime import timedelta
from typing import LiteralString

from tests.schema.event_plan_cases import EVENT_CASES
from tests.schema.notice_plan_cases import NOTICE_CASES
from tests.schema.plan_case import (
    ANY_BOOKING,
    ANY_WORD,
    EDIT,
    FIRST_BOOKINGS,
    GALA,
    LATER,
    LATER_BOOKINGS,
    NEW_USER,
    WEBHOOK,
    YESTERDAY,
    Case,
    page,
)
from tests.support.event_edits import as_json
from tests.support.rows import PASSWORD_HASH

# Few users are admins, so that this index is smaller than the primary key.
ADMINS = "users_admins_and_disabled"

CASES = [
    *EVENT_CASES,
    *NOTICE_CASES,
    Case(
        "begin_sign_in",
        {"account": "+491710000077", "address": "10.0.0.5", "device_hash": b"0" * 32},
        {"sign_in_failures_by_address", "sign_in_failures_by_at", "users_phone_unique"},
        {"sign_in_failures"},  # if a large part of the rows is old
    ),
    Case(
        "begin_sign_in",
        {"account": "ada@example.org", "address": "10.0.0.5", "device_hash": None},
        {"sign_in_failures_by_address", "users_by_verified_email"},
        {"sign_in_failures"},  # if a large part of the rows is old
    ),
    Case(
        "begin_confirmation",
        {"user_id": "$user", "address": "10.0.0.5", "device_hash": None},
        {"sign_in_failures_by_address", "users_pkey"},
        {"sign_in_failures"},  # if a large part of the rows is old
    ),
    Case(
        "begin_sign_up",
        {"address": "10.0.0.5"},
        {"sign_ups_by_network", "sign_ups_by_at"},
        {"sign_ups"},  # if a large part of the rows is old
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
        "begin_second_factor",
        {"user_id": "$user", "address": "10.0.0.5", "device_hash": None},
        {"users_pkey", "sign_in_failures_by_address"},
        {"sign_in_failures", "second_factors"},  # these tables may be small
    ),
    Case(
        "begin_second_factor_setup",
        {"user_id": "$user", "secret": "A" * 32},
        {"users_pkey"},
        {"second_factors"},
    ),
    Case(
        "enable_second_factor",
        {
            "user_id": "$user",
            "secret": "A" * 32,
            "step": 1,
            "code_hashes": [b"0" * 32],
            "session_id": 1,
            "token_hash": b"0" * 32,
        },
        {"users_pkey"},
        {"second_factors"},
    ),
    Case("find_second_factor_setup", {"user_id": "$user"}, set(), {"second_factors"}),
    Case("get_second_factor", {"user_id": "$user"}, set(), {"second_factors"}),
    Case(
        "remove_second_factor",
        {"user_id": "$user", "actor_id": "$admin"},
        {"users_pkey"},
        {"second_factors", "recovery_codes"},
    ),
    Case(
        "renew_session",
        {"session_id": 1, "user_id": "$user", "token_hash": b"0" * 32, "with_factor": True},
        {"sessions_id_unique"},
    ),
    Case(
        "replace_recovery_codes",
        {"user_id": "$user", "code_hashes": [b"0" * 32]},
        set(),
        {"second_factors", "recovery_codes"},
    ),
    Case(
        "use_second_factor",
        {"attempt_id": "$failure", "user_id": "$user", "step": 1, "code_hash": None},
        set(),
        {"second_factors"},
    ),
    Case("change_own_name", {"user_id": "$user", "name": "Ada"}, {"users_pkey"}),
    Case(
        "change_own_password",
        {
            "user_id": "$user",
            "old_hash": PASSWORD_HASH,
            "new_hash": PASSWORD_HASH,
            "session_id": 1,
            "token_hash": b"0" * 32,
        },
        {"users_pkey"},
    ),
    Case("change_own_phone", {"user_id": "$user", "phone": "+4930123456"}, {"users_pkey"}),
    Case(
        "check_in_ticket",
        {"code": "$code", "event_id": None, "actor_id": "$admin"},
        {"tickets_code_unique", "bookings_pkey", "events_pkey", "users_pkey"},
    ),
    Case(
        "confirm_password",
        {"attempt_id": "$failure", "user_id": "$user", "password_hash": PASSWORD_HASH},
        {"sign_in_failures_pkey", "users_pkey"},
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
    Case(
        "create_password_code",
        {"user_id": "$user", "code_hash": b"0" * 32, "actor_id": "$admin"},
        {"users_pkey"},
        {"sign_in_failures"},  # they are few
    ),
    Case("create_user", {"fields": as_json(NEW_USER), "actor_id": "$admin"}, set()),
    Case("delete_old_phone_codes", {"at_most": 1000}, set()),
    Case("end_calendar", {"user_id": "$user"}, {"calendars_pkey"}),
    Case("end_session", {"token_hash": "$token"}, {"sessions_pkey"}),
    Case(
        "end_sign_in",
        {
            "attempt_id": "$failure",
            "token_hash": b"0" * 32,
            "user_id": "$user",
            "password_hash": PASSWORD_HASH,
            "address": "10.0.0.5",
            "browser": "Firefox on Android",
        },
        {"sign_in_failures_pkey", "sessions_by_expires_at", "sessions_by_user", "users_pkey"},
    ),
    Case("end_own_session", {"session_id": 1, "user_id": "$user"}, {"sessions_id_unique"}),
    Case("end_other_sessions", {"session_id": 1, "user_id": "$user"}, {"sessions_by_user"}),
    Case(
        "end_user_sessions",
        {"user_id": "$user", "actor_id": "$admin"},
        {"users_pkey", "sessions_by_user"},
    ),
    Case(
        "export_event_bookings",
        {"event_id": "$event"},
        {"bookings_by_event", "events_pkey"},
        {"users"},
    ),
    Case("find_password_code", {"user_id": "$user", "code_hash": b"0" * 32}, set()),
    Case("find_sessions", {"token_hashes": ["$token"]}, {"sessions_pkey", "users_pkey"}),
    Case("find_calendar", {"secret_hash": b"0" * 32}, {"calendars_secret_hash_unique"}),
    Case("find_password_hashes", {"phones": ["+4930123456"]}, {"users_phone_unique"}),
    Case("get_account", {"user_id": "$user"}, {"users_pkey"}),
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
    Case("create_webhook", {**WEBHOOK, "actor_id": "$admin"}, {ADMINS, "events_pkey"}),
    Case(
        "update_webhook",
        {**WEBHOOK, "webhook_id": "$webhook", "enabled": True, "actor_id": "$admin"},
        {ADMINS, "events_pkey"},
    ),
    Case("rotate_webhook_secret", {"webhook_id": "$webhook", "actor_id": None}, set()),
    Case("delete_webhook", {"webhook_id": "$webhook", "actor_id": None}, set()),
    Case("test_webhook", {"webhook_id": "$webhook", "actor_id": None}, set()),
    Case("list_tokens", page(id=None), {"api_tokens_pkey"}),
    Case("list_tokens", page(id=500), {"api_tokens_pkey"}),
    Case("list_event_tokens", {"event_id": 7, **page(id=None)}, {"api_tokens_by_event"}),
    Case(
        "create_token",
        {
            "token_hash": b"t" * 32,
            "name": "Till",
            "scopes": ["door"],
            "event_id": "$event",
            "expires_at": LATER,
            "actor_id": "$admin",
        },
        {"users_pkey", "events_pkey"},
    ),
    Case(
        "create_door_pass",
        {"token_hash": b"t" * 32, "event_id": "$event", "name": "Door", "actor_id": "$admin"},
        {"users_pkey", "events_pkey"},
    ),
    Case(
        "revoke_token",
        {"token_id": "$pass", "actor_id": "$admin"},
        {"api_tokens_pkey", "pass_sessions_by_pass"},
    ),
    Case(
        "find_token",
        {"token_hash": "$token_secret"},
        {"api_tokens_token_hash_unique", ADMINS, "events_pkey"},
    ),
    Case(
        "find_pass_session",
        {"token_hash": "$door_token"},
        {"pass_sessions_pkey", "api_tokens_pkey", ADMINS, "events_pkey"},
    ),
    Case("note_token_use", {"token_id": "$pass"}, {"api_tokens_pkey"}),
    Case(
        "begin_pass_session",
        {"pass_hash": "$pass_hash", "token_hash": b"t" * 32},
        {"api_tokens_token_hash_unique", ADMINS, "events_pkey", "pass_sessions_by_pass"},
    ),
    Case("end_pass_session", {"token_hash": "$door_token"}, {"pass_sessions_pkey"}),
    Case("list_webhook_deliveries", {"webhook_id": "$webhook", **page(id=None)}, set()),
    Case("list_failing_webhook_deliveries", {"webhook_id": "$webhook", **page(id=None)}, set()),
    Case(
        "replay_facts",
        {"webhook_id": "$webhook", "from_time": YESTERDAY, "to_time": LATER, "actor_id": None},
        {"bookings_by_time", "activity_by_time"},
    ),
    Case("delete_old_deliveries", {"at_most": 1000}, set()),
    Case(
        "erase_user",
        {"user_id": "$quiet_user", "actor_id": "$admin"},
        {
            "users_pkey",
            "bookings_by_user",
            "notices_by_user",
            "sessions_by_user",
            "calendars_pkey",
            "activity_by_user",
        },
        {"sign_in_failures"},  # they are few, and have no index of phones
    ),
    Case(
        "export_user",
        {"user_id": "$user"},
        {
            "users_pkey",
            "bookings_by_user",
            "bookings_for_others",
            "tickets_by_booking",
            "notices_by_user",
            "sessions_by_user",
            "calendars_pkey",
            "activity_by_actor",
            "activity_by_user",
            "activity_by_booking",
        },
        {"sign_in_failures"},  # as for erase_user
    ),
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
    Case("list_integrity_findings", {"limit": 20}, set()),
    Case("list_sessions", {"user_id": "$user"}, {"sessions_by_user", "users_pkey"}),
    Case("mark_sessions_seen", {"session_ids": [1, 2]}, {"sessions_id_unique"}),
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
    Case("make_calendar", {"user_id": "$user", "secret_hash": b"1" * 32}, set()),
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
    # No user of the large database has a verified address; test_plans.py has a case with many.
    Case(
        "prove_phone",
        {"token_hash": b"0" * 32, "code_hash": b"0" * 32, "take_over": True},
        set(),
    ),
    Case(
        "remember_device",
        {"user_id": "$user", "old_hash": None, "new_hash": b"0" * 32, "address": "10.0.0.5"},
        set(),
    ),
    Case(
        "request_phone_code",
        {
            "token_hash": b"0" * 32,
            "code_hash": b"0" * 32,
            "phone": "+4930123456",
            "text": "042317 is your code.",
            "user_id": "$user",
            "name": None,
            "password_hash": None,
            "address": "10.0.0.5",
        },
        # No webhook takes codes here: test_plans_of_accounts.py has one that does.
        set(),
    ),
    Case(
        "request_password_reset",
        {"account": "+491710000077", "address": "10.0.0.5"},
        {"users_by_verified_email"},
    ),
    Case("reset_password", {"token_hash": b"0" * 32, "password_hash": PASSWORD_HASH}, set()),
    Case("search_users", {"search": None, **page(id=None)}, {"users_pkey"}),
    Case("search_users", {"search": "zzyzx", **page(id=None)}, {"users_search"}),
    Case("search_admins", {"search": None, **page(id=None)}, {"users_admins_and_disabled"}),
    Case("search_admins", {"search": "zzyzx", **page(id=None)}, {"users_admins_and_disabled"}),
    Case("search_disabled_users", {"search": None, **page(id=None)}, {"users_admins_and_disabled"}),
    Case(
        "search_disabled_users",
        {"search": "zzyzx", **page(id=None)},
        {"users_admins_and_disabled"},
    ),
    Case(
        "set_user_disabled",
        {"user_id": "$admin", "disabled": True, "actor_id": None},
        {"users_pkey", "sessions_by_user"},
    ),
    Case(
        "set_user_role",
        {"user_id": "$admin", "role": "customer", "actor_id": None},
        {"users_pkey", "sessions_by_user"},
    ),
    Case("send_verification", {"user_id": "$user"}, {"users_pkey"}),
    Case(
        "set_email",
        {"user_id": "$user", "address": "ada@example.org"},
        {"users_pkey"},
    ),
    Case(
        "set_user_phone",
        {
            "user_id": "$user",
            "phone": "+4930123456",
            "verified": True,
            "take_over": True,
            "actor_id": "$admin",
        },
        {"users_pkey", "users_phone_unique"},
    ),
    Case("set_optional_mail", {"user_id": "$user", "optional_mail": False}, {"users_pkey"}),
    Case("sign_up", {"name": "Ada", "phone": "+4930123456", "password_hash": PASSWORD_HASH}, set()),
    Case("wait_for_standby_at_commit", {}, set()),
    # The first slice: 10,000 of 100,000 events, and their total number.
    Case(
        "sweep_integrity",
        {},
        {"events_pkey"},
        {"events", "bookings", "tickets", "users", "activity"},
    ),
    Case("unsubscribe", {"token_hash": b"0" * 32}, set()),
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
            "actor_id": "$admin",
        },
        {"users_pkey"},
    ),
    Case(
        "use_password_code",
        {"user_id": "$user", "code_hash": b"0" * 32, "password_hash": PASSWORD_HASH},
        {"users_pkey"},
    ),
    Case("verify_email", {"token_hash": b"0" * 32}, set()),
]

# Statements on rows that the large database lacks, and the index that each of them needs.
OF_ACCOUNTS: dict[LiteralString, str] = {
    "DELETE FROM phone_codes WHERE phone = '+491'": "phone_codes_by_phone",
    "DELETE FROM phone_codes WHERE user_id = 7": "phone_codes_by_user",
    "SELECT delete_old_phone_codes(10)": "phone_codes_by_expires_at",
    "SELECT * FROM find_password_code(7, sha256('code'))": "password_codes_pkey",
    "SELECT use_password_code(8, sha256('code'), '$argon2id$')": "password_codes_pkey",
    "SELECT use_second_factor(1, 11, 1, NULL)": "second_factors_pkey",
    "SELECT use_second_factor(1, 12, NULL, sha256('code'))": "recovery_codes_pkey",
    "SELECT has_second_factor(13)": "second_factors_pkey",
    "SELECT remove_second_factor(14, 14)": "recovery_codes_pkey",
    "SELECT replace_password(10, '$argon2id$', NULL)": "sessions_by_user",
    "SELECT purge(10, 90, 365)": "password_codes_by_expires_at",
    "SELECT count_phone_code_request('+4930123456', 7, '10.0.0.7')": (
        "phone_code_requests_by_user"
    ),
    "SELECT count_phone_code_request('+4930123456', 8, '10.0.0.7')": (
        "phone_code_requests_by_phone"
    ),
    "SELECT count_phone_code_request('+4930123456', 9, '10.0.0.7')": (
        "phone_code_requests_by_network"
    ),
    "SELECT delete_old_phone_codes(11)": "phone_code_requests_by_at",
    "SELECT remember_device(7, NULL, sha256('new'), '10.0.0.7')": "known_devices_by_user",
    "SELECT remember_device(8, NULL, sha256('new'), '10.0.0.7')": ("known_devices_by_last_used_at"),
}

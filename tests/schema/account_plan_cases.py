"""Cases of plans (plan_case.py): accounts, signing in, sessions, phones, tokens and passes."""

from typing import LiteralString

from tests.schema.plan_case import (
    ADMINS,
    LATER,
    NEW_USER,
    Case,
    page,
)
from tests.support.event_edits import as_json
from tests.support.rows import PASSWORD_HASH

ACCOUNT_CASES = [
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
        "confirm_password",
        {"attempt_id": "$failure", "user_id": "$user", "password_hash": PASSWORD_HASH},
        {"sign_in_failures_pkey", "users_pkey"},
    ),
    Case(
        "create_password_code",
        {"user_id": "$user", "code_hash": b"0" * 32, "actor_id": "$admin"},
        {"users_pkey"},
        {"sign_in_failures"},  # they are few
    ),
    Case("create_user", {"fields": as_json(NEW_USER), "actor_id": "$admin"}, set()),
    Case("delete_old_phone_codes", {"at_most": 1000}, set()),
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
    Case("find_password_code", {"user_id": "$user", "code_hash": b"0" * 32}, set()),
    Case("find_sessions", {"token_hashes": ["$token"]}, {"sessions_pkey", "users_pkey"}),
    Case("find_password_hashes", {"phones": ["+4930123456"]}, {"users_phone_unique"}),
    Case("get_account", {"user_id": "$user"}, {"users_pkey"}),
    Case("list_tokens", page(id=None), {"api_tokens_pkey"}),
    Case("list_tokens", page(id=500), {"api_tokens_pkey"}),
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
    Case("list_sessions", {"user_id": "$user"}, {"sessions_by_user", "users_pkey"}),
    Case("mark_sessions_seen", {"session_ids": [1, 2]}, {"sessions_id_unique"}),
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
    Case("sign_up", {"name": "Ada", "phone": "+4930123456", "password_hash": PASSWORD_HASH}, set()),
    Case("unsubscribe", {"token_hash": b"0" * 32}, set()),
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

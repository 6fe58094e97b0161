"""Statements that each constraint refuses. Names in %() are ids of rows."""

from typing import LiteralString

from tests.schema.ledger_constraint_cases import LEDGER_CASES, NEW_BOOKING
from tests.schema.webhook_constraint_cases import WEBHOOK_AND_NOTICE_CASES
from tests.support.rows import PASSWORD_HASH

CASES: dict[str, list[LiteralString]] = {
    **LEDGER_CASES,
    **WEBHOOK_AND_NOTICE_CASES,
    "users_pkey": [
        (
            "INSERT INTO users (id, name, phone) OVERRIDING SYSTEM VALUE"
            " VALUES (%(user)s, 'Ada', '+4930123456')"
        )
    ],
    "users_phone_unique": [
        "INSERT INTO users (name, phone) SELECT 'Bob', phone FROM users WHERE id = %(user)s"
    ],
    "time_of_day_on_a_clock": ["SELECT time '24:00'::time_of_day"],
    "note_not_blank": ["SELECT ' '::note", "SELECT ''::note"],
    "note_within_500": ["SELECT repeat('a', 501)::note"],
    "event_category_not_blank": ["SELECT ' '::event_category", "SELECT ''::event_category"],
    "event_category_within_40": ["SELECT repeat('a', 41)::event_category"],
    "event_category_one_line": ["SELECT E'a\\nb'::event_category"],
    "note_one_line": ["SELECT E'a\\nb'::note"],
    "users_name_not_blank": [
        "UPDATE users SET name = ''",
        "UPDATE users SET name = '  '",
        "UPDATE users SET name = E'\\u200b\\u00a0\\u3000'",
    ],
    "users_name_within_200": ["UPDATE users SET name = repeat('a', 201)"],
    "users_name_one_line": [
        "UPDATE users SET name = E'Ada\\nLovelace'",
        "UPDATE users SET name = E'Ada\\u0085'",
        "UPDATE users SET name = E'Ada\\u001b[31m'",
    ],
    "users_name_no_direction_overrides": [
        "UPDATE users SET name = E'Ana \\u202egnp.exe'",
        "UPDATE users SET name = E'\\u2067Ana\\u2069'",
    ],
    "users_phone_e164": [
        "UPDATE users SET phone = '015112345678' WHERE id = %(user)s",
        "UPDATE users SET phone = '+0151123456' WHERE id = %(user)s",
        "UPDATE users SET phone = '+49 151 123456' WHERE id = %(user)s",
        "UPDATE users SET phone = '+4915112345678901' WHERE id = %(user)s",
        "UPDATE users SET phone = '' WHERE id = %(user)s",
        "UPDATE users SET phone = E'+491511234567\\n' WHERE id = %(user)s",
    ],
    "users_phone_unless_erased": [
        "UPDATE users SET phone = NULL",
        "UPDATE users SET erased_at = now(), name = 'Erased', role = 'customer'",
        "INSERT INTO users (name) VALUES ('Ada')",
    ],
    "users_lost_phone_not_verified": [
        "UPDATE users SET phone_lost_at = now(), phone_verified_at = now()"
    ],
    "users_erased_without_person": [
        "UPDATE users SET erased_at = now(), phone = NULL, role = 'customer'",
        "UPDATE users SET erased_at = now(), phone = NULL, name = 'Erased', role = 'admin'",
        (
            "UPDATE users SET erased_at = now(), phone = NULL, name = 'Erased', role = 'customer',"
            " email = 'ada@example.org'"
        ),
        (
            "UPDATE users SET erased_at = now(), phone = NULL, name = 'Erased', role = 'customer',"
            f" password_hash = '{PASSWORD_HASH}'"
        ),
    ],
    "users_email_is_mail_address": [
        "UPDATE users SET email = ''",
        "UPDATE users SET email = 'ada'",
        "UPDATE users SET email = 'a@b@c'",
        "UPDATE users SET email = 'ada @example.org'",
        "UPDATE users SET email = repeat('a', 250) || '@b.de'",
        "UPDATE users SET email = E'ada\\u0007@example.org'",
    ],
    "users_email_verified_only_with_email": ["UPDATE users SET email_verified_at = now()"],
    "users_password_hash_argon2id": [
        "UPDATE users SET password_hash = 'secret'",
        "UPDATE users SET password_hash = ''",
    ],
    "sessions_pkey": [
        "INSERT INTO sessions (token_hash, user_id) SELECT token_hash, user_id FROM sessions"
    ],
    "sessions_user_id_fkey": [
        "INSERT INTO sessions (token_hash, user_id) VALUES (sha256('other'), 0)"
    ],
    "sessions_token_hash_is_sha256": [
        "UPDATE sessions SET token_hash = ''",
        "UPDATE sessions SET token_hash = token_hash || '\\x00'",
    ],
    "sessions_expires_after_created": ["UPDATE sessions SET expires_at = created_at"],
    "sessions_id_unique": [
        (
            "INSERT INTO sessions (token_hash, user_id, id) OVERRIDING SYSTEM VALUE"
            " SELECT sha256('other'), user_id, id FROM sessions"
        )
    ],
    "sessions_browser_not_blank": ["UPDATE sessions SET browser = ' '"],
    "sessions_browser_within_200": ["UPDATE sessions SET browser = repeat('a', 201)"],
    "sessions_browser_one_line": ["UPDATE sessions SET browser = E'a\\nb'"],
    "calendars_pkey": [
        "INSERT INTO calendars (user_id, secret_hash) SELECT user_id, sha256('b') FROM calendars"
    ],
    "calendars_user_id_fkey": [
        "INSERT INTO calendars (user_id, secret_hash) VALUES (0, sha256('other'))"
    ],
    "calendars_secret_hash_unique": [
        (
            "INSERT INTO calendars (user_id, secret_hash)"
            " SELECT %(admin)s, secret_hash FROM calendars"
        )
    ],
    "calendars_secret_hash_is_sha256": [
        "UPDATE calendars SET secret_hash = ''",
        "UPDATE calendars SET secret_hash = secret_hash || '\\x00'",
    ],
    "password_reset_requests_pkey": [
        (
            "INSERT INTO password_reset_requests (id, account, network) OVERRIDING SYSTEM VALUE"
            " SELECT 1, '', '::1' FROM generate_series(1, 2)"
        )
    ],
    "sign_in_failures_pkey": [
        (
            "INSERT INTO sign_in_failures (id, phone, address) OVERRIDING SYSTEM VALUE"
            " SELECT id, phone, address FROM sign_in_failures"
        )
    ],
    "sign_in_failures_phone_e164": ["UPDATE sign_in_failures SET phone = '0151 123'"],
    "sign_in_failures_phone_or_email": [
        "UPDATE sign_in_failures SET phone = NULL",
        "UPDATE sign_in_failures SET email = 'a@b.de'",
    ],
    "known_devices_pkey": ["INSERT INTO known_devices SELECT * FROM known_devices"],
    "known_devices_user_id_fkey": ["UPDATE known_devices SET user_id = 0"],
    "known_devices_token_hash_is_sha256": [
        "UPDATE known_devices SET token_hash = ''",
        "UPDATE known_devices SET token_hash = token_hash || '\\x00'",
    ],
    "password_codes_pkey": [
        "INSERT INTO password_codes SELECT * FROM password_codes",
    ],
    "password_codes_user_id_fkey": ["UPDATE password_codes SET user_id = 0"],
    "password_codes_code_hash_is_sha256": [
        "UPDATE password_codes SET code_hash = ''",
        "UPDATE password_codes SET code_hash = code_hash || '\\x00'",
    ],
    "second_factors_pkey": ["INSERT INTO second_factors SELECT * FROM second_factors"],
    "second_factors_user_id_fkey": ["UPDATE second_factors SET user_id = 0"],
    "second_factors_secret_160_bits": [
        "UPDATE second_factors SET secret = ''",
        "UPDATE second_factors SET secret = secret || 'A'",
        "UPDATE second_factors SET secret = lower(secret)",
    ],
    "second_factors_used_only_when_confirmed": [
        "UPDATE second_factors SET last_step = 1, confirmed_at = NULL"
    ],
    "recovery_codes_pkey": ["INSERT INTO recovery_codes SELECT * FROM recovery_codes"],
    "recovery_codes_user_id_fkey": ["UPDATE recovery_codes SET user_id = 0"],
    "recovery_codes_code_hash_is_sha256": [
        "UPDATE recovery_codes SET code_hash = ''",
        "UPDATE recovery_codes SET code_hash = code_hash || '\\x00'",
    ],
    "phone_codes_pkey": [
        (
            "INSERT INTO phone_codes (id, token_hash, code_hash, phone, user_id)"
            " OVERRIDING SYSTEM VALUE"
            " SELECT id, sha256('other'), code_hash, phone, user_id FROM phone_codes"
        )
    ],
    "phone_codes_token_hash_unique": [
        (
            "INSERT INTO phone_codes (token_hash, code_hash, phone, user_id)"
            " SELECT token_hash, code_hash, phone, user_id FROM phone_codes"
        )
    ],
    "phone_codes_user_id_fkey": ["UPDATE phone_codes SET user_id = 0"],
    "phone_codes_token_hash_is_sha256": ["UPDATE phone_codes SET token_hash = ''"],
    "phone_codes_code_hash_is_sha256": [
        "UPDATE phone_codes SET code_hash = ''",
        "UPDATE phone_codes SET code_hash = code_hash || '\\x00'",
    ],
    "phone_codes_phone_e164": ["UPDATE phone_codes SET phone = '0151 123'"],
    "phone_codes_failures_at_most_5": [
        "UPDATE phone_codes SET failures = 6",
        "UPDATE phone_codes SET failures = -1",
    ],
    "phone_codes_for_user_or_sign_up": [
        "UPDATE phone_codes SET user_id = NULL",
        "UPDATE phone_codes SET name = 'Ada'",
        "UPDATE phone_codes SET user_id = NULL, name = 'Ada'",
        "UPDATE phone_codes SET user_id = NULL, password_hash = 'x'",
    ],
    "phone_code_requests_pkey": [
        (
            "INSERT INTO phone_code_requests (id, phone, network) OVERRIDING SYSTEM VALUE"
            " SELECT id, phone, network FROM phone_code_requests"
        )
    ],
    "phone_code_requests_user_id_fkey": ["UPDATE phone_code_requests SET user_id = 0"],
    "phone_code_requests_phone_e164": ["UPDATE phone_code_requests SET phone = '0151 123'"],
    "sign_ups_pkey": [
        (
            "INSERT INTO sign_ups (id, network) OVERRIDING SYSTEM VALUE"
            " SELECT id, network FROM sign_ups"
        )
    ],
    "event_creations_pkey": [
        "INSERT INTO event_creations SELECT * FROM event_creations",
    ],
    "event_creations_actor_id_fkey": ["UPDATE event_creations SET actor_id = 0"],
    "event_creations_event_id_fkey": ["UPDATE event_creations SET event_id = 0"],
    "event_creations_idempotency_key_visible_ascii": [
        "UPDATE event_creations SET idempotency_key = ''",
        "UPDATE event_creations SET idempotency_key = 'a b'",
        "UPDATE event_creations SET idempotency_key = repeat('a', 65)",
    ],
    "event_words_pkey": [
        "INSERT INTO event_words (word, events_count) SELECT word, 1 FROM event_words"
    ],
    "event_words_events_count_not_negative": ["UPDATE event_words SET events_count = -1"],
    "integrity_sweep_pkey": ["INSERT INTO integrity_sweep DEFAULT VALUES"],
    "integrity_sweep_has_one_row": ["INSERT INTO integrity_sweep (only_row) VALUES (false)"],
    "integrity_sweep_area_known": ["UPDATE integrity_sweep SET area = 'bookings'"],
    "integrity_findings_pkey": [
        (
            "INSERT INTO integrity_findings (id, kind, table_name, row_id, found_at)"
            " OVERRIDING SYSTEM VALUE"
            " SELECT id, kind, table_name, row_id, found_at FROM integrity_findings"
        )
    ],
    "mails_pkey": [
        (
            "INSERT INTO mails (id, user_id, address, purpose) OVERRIDING SYSTEM VALUE"
            " SELECT id, user_id, address, 'password-reset' FROM mails"
        )
    ],
    "mails_user_id_fkey": ["UPDATE mails SET user_id = 0"],
    "mails_notice_id_fkey": ["UPDATE mails SET notice_id = 0"],
    "mails_one_for_each_notice": [
        (
            "INSERT INTO mails (user_id, address, purpose, notice_id)"
            " SELECT user_id, address, purpose, notice_id FROM mails"
        )
    ],
    "mails_notice_exactly_when_purpose_is_notice": [
        "UPDATE mails SET notice_id = NULL",
        "UPDATE mails SET purpose = 'password-reset'",
    ],
    "mails_address_is_mail_address": ["UPDATE mails SET address = 'ada'"],
    "mails_attempts_not_negative": ["UPDATE mails SET attempts = -1"],
    "mails_over_exactly_when_no_attempt": [
        "UPDATE mails SET next_attempt_at = NULL",
        "UPDATE mails SET sent_at = now()",
    ],
    "mails_sent_or_given_up": [
        "UPDATE mails SET next_attempt_at = NULL, sent_at = now(), given_up_at = now()"
    ],
    "mail_links_pkey": ["INSERT INTO mail_links SELECT * FROM mail_links"],
    "mail_links_user_id_fkey": ["UPDATE mail_links SET user_id = 0"],
    "mail_links_token_hash_is_sha256": ["UPDATE mail_links SET token_hash = 'short'"],
    "event_reminders_pkey": ["INSERT INTO event_reminders SELECT * FROM event_reminders"],
    "api_tokens_pkey": [
        (
            "INSERT INTO api_tokens (id, token_hash, name, user_id, scopes, expires_at)"
            " OVERRIDING SYSTEM VALUE"
            " SELECT id, sha256('other'), name, user_id, scopes, expires_at FROM api_tokens"
        )
    ],
    "api_tokens_user_id_fkey": ["UPDATE api_tokens SET user_id = 0"],
    "api_tokens_event_id_fkey": ["UPDATE api_tokens SET event_id = 0"],
    "api_tokens_token_hash_unique": [
        (
            "INSERT INTO api_tokens (token_hash, name, user_id, scopes, expires_at)"
            " SELECT token_hash, name, user_id, scopes, expires_at FROM api_tokens"
        )
    ],
    "api_tokens_token_hash_is_sha256": ["UPDATE api_tokens SET token_hash = 'mqt_secret'"],
    "api_tokens_name_not_blank": [
        "UPDATE api_tokens SET name = ''",
        "UPDATE api_tokens SET name = E' \\u200b'",
    ],
    "api_tokens_name_within_200": ["UPDATE api_tokens SET name = repeat('a', 201)"],
    "api_tokens_name_one_line": ["UPDATE api_tokens SET name = E'a\\nb'"],
    "api_tokens_has_a_scope": [
        "UPDATE api_tokens SET scopes = '{}', is_pass = false",
        "UPDATE api_tokens SET scopes = '{door,NULL}', is_pass = false",
    ],
    "api_tokens_expire_within_a_year": [
        "UPDATE api_tokens SET expires_at = created_at",
        "UPDATE api_tokens SET expires_at = created_at + interval '8784 hours 1 second'",
    ],
    "api_tokens_pass_opens_one_door": [
        "UPDATE api_tokens SET event_id = NULL",
        "UPDATE api_tokens SET scopes = '{door,events}'",
        "UPDATE api_tokens SET scopes = '{events}'",
    ],
    "api_tokens_webhooks_of_all_events": [
        "UPDATE api_tokens SET scopes = '{door,webhooks}', is_pass = false"
    ],
    "pass_sessions_pkey": ["INSERT INTO pass_sessions SELECT * FROM pass_sessions"],
    "pass_sessions_pass_id_fkey": ["UPDATE pass_sessions SET pass_id = 0"],
    "pass_sessions_token_hash_is_sha256": ["UPDATE pass_sessions SET token_hash = 'door_token'"],
}

# Values at the limits of the constraints.
ALLOWED: list[LiteralString] = [
    "UPDATE users SET name = repeat('ä', 200)",
    "UPDATE users SET phone = '+12345' WHERE id = %(user)s",
    "UPDATE users SET phone = '+123456789012345' WHERE id = %(user)s",
    f"UPDATE users SET password_hash = '{PASSWORD_HASH}'",
    "UPDATE events SET title = repeat('ä', 200), venue = repeat('b', 200)",
    "UPDATE events SET description = repeat('a', 10000)",
    "UPDATE events SET description = E'Doors open at six.\\n\\tBring a friend.'",
    "UPDATE events SET date_time = '2099-12-31 23:59:59+00'",
    "UPDATE events SET time_zone = 'America/Argentina/Buenos_Aires'",
    "UPDATE events SET time_zone = 'UTC'",
    "UPDATE events SET time_zone = 'America/Port-au-Prince'",
    "UPDATE events SET time_zone = 'Etc/GMT+12'",
    "UPDATE events SET local_date_time = timezone('UTC', date_time) + interval '14:00'",
    "UPDATE events SET local_date_time = timezone('UTC', date_time) - interval '12:00'",
    "UPDATE events SET capacity = 1000000",
    "UPDATE events SET capacity = tickets_sold",
    "UPDATE events SET price = 0",
    "UPDATE events SET price = 99999999.99",
    "UPDATE events SET price = 1.234",
    "UPDATE events SET price = 1.2500000",
    NEW_BOOKING + " VALUES (%(user)s, %(event)s, 3, 1.234, 3.702, %(user)s)",
    "UPDATE events SET max_tickets_per_booking = 100",
    NEW_BOOKING + " VALUES (%(user)s, %(event)s, 98, 0, 0, %(user)s)",
    "UPDATE bookings SET idempotency_key = repeat('~', 64)",
    "UPDATE bookings SET idempotency_key = NULL",
    "UPDATE tickets SET ticket_code = '0ZYXW-00000-11111-22222-N' WHERE id = %(ticket)s",
    "UPDATE api_tokens SET name = repeat('ä', 200)",
    "UPDATE api_tokens SET expires_at = created_at + interval '8784 hours'",
    "UPDATE api_tokens SET scopes = '{webhooks}', event_id = NULL, is_pass = false",
]

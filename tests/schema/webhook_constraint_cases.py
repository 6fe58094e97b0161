"""Statements that the constraints of webhooks, notices and messages refuse."""

from typing import LiteralString

WEBHOOK_AND_NOTICE_CASES: dict[str, list[LiteralString]] = {
    "fact_cursors_pkey": ["UPDATE fact_cursors SET source = 'booking'"],
    "fact_cursors_source_known": [
        "INSERT INTO fact_cursors (source, database) VALUES ('ticket', '1')"
    ],
    "webhook_endpoints_pkey": [
        (
            "INSERT INTO webhook_endpoints (id, url, secret) OVERRIDING SYSTEM VALUE"
            " SELECT id, url, secret FROM webhook_endpoints"
        )
    ],
    "webhook_endpoints_event_id_fkey": ["UPDATE webhook_endpoints SET event_id = 0"],
    "webhook_endpoints_url_http": [
        "UPDATE webhook_endpoints SET url = 'ftp://example.org'",
        "UPDATE webhook_endpoints SET url = 'https://'",
        "UPDATE webhook_endpoints SET url = E'https://example.org/\\n'",
    ],
    "webhook_endpoints_url_within_2000": [
        "UPDATE webhook_endpoints SET url = 'https://' || repeat('a', 2000)"
    ],
    "webhook_endpoints_types_known": ["UPDATE webhook_endpoints SET types = '{booking.lost}'"],
    "webhook_endpoints_secret_length": ["UPDATE webhook_endpoints SET secret = 'short'"],
    "webhook_endpoints_previous_secret_length": [
        "UPDATE webhook_endpoints SET previous_secret = 'short', previous_until = now()"
    ],
    "webhook_endpoints_previous_both_or_none": [
        "UPDATE webhook_endpoints SET previous_until = now()",
        "UPDATE webhook_endpoints SET previous_secret = secret",
    ],
    "webhook_creations_pkey": [
        "INSERT INTO webhook_creations SELECT * FROM webhook_creations",
    ],
    "webhook_creations_one_per_endpoint": [
        (
            "INSERT INTO webhook_creations (key_hash, request_hash, endpoint_id)"
            " SELECT sha256('another'), request_hash, endpoint_id FROM webhook_creations"
        )
    ],
    "webhook_creations_endpoint_id_fkey": ["UPDATE webhook_creations SET endpoint_id = 0"],
    "webhook_creations_key_hash_is_sha256": ["UPDATE webhook_creations SET key_hash = 'key'"],
    "webhook_creations_request_hash_is_sha256": [
        "UPDATE webhook_creations SET request_hash = 'url'"
    ],
    "webhook_deliveries_pkey": [
        (
            "INSERT INTO webhook_deliveries (id, endpoint_id, source, source_id, type, body)"
            " OVERRIDING SYSTEM VALUE"
            " SELECT id, endpoint_id, source, 0, type, body FROM webhook_deliveries"
        )
    ],
    "webhook_deliveries_endpoint_id_fkey": ["UPDATE webhook_deliveries SET endpoint_id = 0"],
    "webhook_deliveries_once": [
        (
            "INSERT INTO webhook_deliveries (endpoint_id, source, source_id, type, body)"
            " SELECT endpoint_id, source, source_id, type, body FROM webhook_deliveries"
        )
    ],
    "webhook_deliveries_source_known": ["UPDATE webhook_deliveries SET source = 'ticket'"],
    "webhook_deliveries_attempts_not_negative": ["UPDATE webhook_deliveries SET attempts = -1"],
    "webhook_deliveries_over_exactly_when_no_attempt": [
        "UPDATE webhook_deliveries SET next_attempt_at = NULL",
        "UPDATE webhook_deliveries SET given_up_at = now()",
    ],
    "webhook_deliveries_delivered_or_given_up": [
        (
            "UPDATE webhook_deliveries"
            " SET next_attempt_at = NULL, delivered_at = now(), given_up_at = now()"
        )
    ],
    "notices_pkey": [
        (
            "INSERT INTO notices (id, user_id, kind, event_id, matter) OVERRIDING SYSTEM VALUE"
            " SELECT id, user_id, kind, event_id, 'another' FROM notices"
        )
    ],
    "notices_user_id_fkey": ["UPDATE notices SET user_id = 0"],
    "notices_once_for_each_matter": [
        (
            "INSERT INTO notices (user_id, kind, event_id, matter)"
            " SELECT user_id, kind, event_id, matter FROM notices"
        )
    ],
    "notices_detail_is_object": ["UPDATE notices SET detail = '[]'"],
    "event_messages_pkey": [
        (
            "INSERT INTO event_messages (id, event_id, idempotency_key, text, people)"
            " OVERRIDING SYSTEM VALUE SELECT id, event_id, 'another', text, people"
            " FROM event_messages"
        )
    ],
    "event_messages_one_per_idempotency_key": [
        (
            "INSERT INTO event_messages (event_id, idempotency_key, text, people)"
            " SELECT event_id, idempotency_key, text, people FROM event_messages"
        )
    ],
    "event_messages_idempotency_key_visible_ascii": [
        "UPDATE event_messages SET idempotency_key = ''",
        "UPDATE event_messages SET idempotency_key = 'with space'",
    ],
    "event_messages_text_not_blank": [r"UPDATE event_messages SET text = E' \n'"],
    "event_messages_text_within_1000": ["UPDATE event_messages SET text = repeat('ä', 1001)"],
    "event_messages_text_no_control_characters": [
        r"UPDATE event_messages SET text = E'a\u0007'",
    ],
    "event_messages_people_not_negative": ["UPDATE event_messages SET people = -1"],
}

"""Notices, messages to guests, and mails: parameters, and the indexes that must be used."""

from datetime import timedelta

from tests.schema.plan_case import Case, page
from tests.support.event_edits import as_json

NOTICE_CASES = [
    Case("claim_mails", {"token_hashes": [b"0" * 32], "lease": timedelta(minutes=1)}, set()),
    Case("list_failing_mails", page(mail_id=None), set()),
    Case("list_failing_mails", page(mail_id=5000), set()),
    Case("sum_failing", {}, set()),
    Case("retry_mail", {"mail_id": 0, "actor_id": "$admin"}, set()),
    Case("list_mail_calendar_entries", {"mail_ids": [1, 2]}, {"bookings_by_user"}),
    Case("finish_mail", {"mail_id": 0, "error": None}, set()),
    Case(
        "list_event_messages",
        {"event_id": "$event", **page(id=None)},
        {"event_messages_by_event", "users_pkey"},
    ),
    Case(
        "list_notices",
        {"user_id": "$user", **page(id=None)},
        {"notices_by_user", "events_pkey"},
    ),
    Case("get_unread_notices", {"user_id": "$user", "most": 100}, {"notices_unread"}),
    Case("mark_notices_read", {"user_id": "$user", "ids": [1, 2]}, {"notices_unread"}),
    Case(
        "get_message_preview",
        {"event_id": "$event", "text": "Bring a coat."},
        {"bookings_by_event", "events_pkey"},
    ),
    Case(
        "get_edit_preview",
        {"event_id": "$event", "fields": as_json({"venue": "Elsewhere"})},
        {"bookings_by_event", "events_pkey"},
    ),
    Case(
        "send_event_message",
        {
            "event_id": "$event",
            "text": "Bring a coat.",
            "idempotency_key": "message",
            "actor_id": "$admin",
        },
        {"bookings_by_event", "events_pkey", "users_pkey"},
    ),
]

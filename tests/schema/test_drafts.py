"""Drafts: only admins see them, nobody books them, and publishing one is an edit."""

from typing import LiteralString

import psycopg
import pytest

from tests.support.event_edits import event, refusal, update
from tests.support.refusals import error_of, problem, refused_change
from tests.support.rows import (
    add_booking,
    add_event,
    add_user,
    book,
    logged,
    repair,
    rows,
    start_event,
    value,
)

PUBLISHED: LiteralString = "SELECT was_published(%s)"


def test_nobody_can_book_a_draft(rolled_back: psycopg.Connection) -> None:
    user_id, event_id = add_user(rolled_back), add_event(rolled_back, status="draft")
    admin_id = add_user(rolled_back, role="admin")
    call: LiteralString = "SELECT book_tickets(%s, %s, 1, NULL, %s)"

    for booker in (user_id, admin_id):
        assert problem(rolled_back, call, user_id, event_id, booker) == ("TK002", {})
    statement: LiteralString = (
        "INSERT INTO bookings (user_id, event_id, quantity, unit_price, total_amount, booked_by)"
        " VALUES (%s, %s, 1, 20, 20, %s)"
    )
    refused = error_of(rolled_back, statement, user_id, event_id, user_id)
    assert refused.sqlstate == "23001"
    assert refused.message_primary == f"event {event_id} is a draft: it cannot be booked"
    with repair(rolled_back):
        assert error_of(rolled_back, statement, user_id, event_id, user_id).sqlstate == "23001"


def test_a_statement_that_books_several_events_is_refused_for_a_draft(
    rolled_back: psycopg.Connection,
) -> None:
    user_id = add_user(rolled_back)
    add_event(rolled_back)
    add_event(rolled_back, status="draft")

    refused = error_of(
        rolled_back,
        "INSERT INTO bookings (user_id, event_id, quantity, unit_price, total_amount, booked_by)"
        " SELECT %s, id, 1, 20, 20, %s FROM events",
        user_id,
        user_id,
    )

    assert refused.sqlstate == "23001"


def test_publishing_is_an_edit(rolled_back: psycopg.Connection) -> None:
    event_id, admin_id = add_event(rolled_back, status="draft"), add_user(rolled_back, role="admin")
    assert value(rolled_back, PUBLISHED, event_id) is False

    update(rolled_back, event_id, 1, admin_id, status="active")

    assert event(rolled_back, event_id)["version"] == 2
    assert value(rolled_back, PUBLISHED, event_id) is True
    entry = rows(rolled_back, "SELECT * FROM activity ORDER BY id")[-1]
    assert (entry["action"], entry["actor_id"]) == ("event-edited", admin_id)
    assert entry["detail"] == {"was": {"status": "draft"}, "became": {"status": "active"}}
    assert book(rolled_back, admin_id, event_id, 1)["status"] == "confirmed"


def test_a_draft_is_edited_like_any_event(rolled_back: psycopg.Connection) -> None:
    event_id = add_event(rolled_back, status="draft")

    update(rolled_back, event_id, title="Swing Night")

    assert event(rolled_back, event_id)["status"] == "draft"


def test_a_draft_whose_time_has_passed_is_not_published(db: psycopg.Connection) -> None:
    event_id = add_event(db, status="draft")
    start_event(db, event_id)

    assert refusal(db, event_id, status="active") == ("TK015", {})
    update(db, event_id, title="Swing Night")
    update(db, event_id, status="cancelled")


@pytest.mark.parametrize(("was", "becomes"), (("active", "draft"), ("draft", "completed")))
def test_a_status_that_may_not_follow_is_refused(
    rolled_back: psycopg.Connection, was: str, becomes: str
) -> None:
    event_id = add_event(rolled_back, status=was)

    assert refusal(rolled_back, event_id, status=becomes) == ("TK013", {"event_status": was})
    statement: LiteralString = "UPDATE events SET status = %s WHERE id = %s"
    sentence = (
        "a draft is published or cancelled, and a published event never becomes a draft again"
    )
    assert refused_change(rolled_back, statement, becomes, event_id) == sentence


def test_an_event_cancelled_as_a_draft_was_never_published(rolled_back: psycopg.Connection) -> None:
    draft, seen = add_event(rolled_back, status="draft"), add_event(rolled_back)
    published = add_event(rolled_back, status="draft")
    update(rolled_back, published, status="active")
    for event_id in (draft, seen, published):
        update(rolled_back, event_id, status="cancelled")

    assert value(rolled_back, PUBLISHED, draft) is False
    assert value(rolled_back, PUBLISHED, seen) is True
    assert value(rolled_back, PUBLISHED, published) is True
    assert value(rolled_back, PUBLISHED, add_event(rolled_back, status="cancelled")) is True


def test_only_a_published_title_is_searched(rolled_back: psycopg.Connection) -> None:
    event_id = add_event(rolled_back, title="Zauberflöte", status="draft")
    search: LiteralString = (
        "SELECT event_id FROM search_events('zauberflöte', now(), 'infinity', NULL, NULL)"
    )
    words: LiteralString = "SELECT count(*) FROM event_words WHERE word = 'zauberflote'"
    assert rows(rolled_back, search) == []
    assert value(rolled_back, words) == 0

    update(rolled_back, event_id, status="active")

    assert rows(rolled_back, search) == [{"event_id": event_id}]
    assert value(rolled_back, words) == 1


def test_the_earlier_view_shows_no_draft(rolled_back: psycopg.Connection) -> None:
    add_event(rolled_back, status="draft")

    assert value(rolled_back, "SELECT count(*) FROM event_availability") == 0
    assert value(rolled_back, "SELECT status FROM event_details") == "draft"


def test_a_draft_is_not_booked_while_somebody_publishes_it(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as db:
        user_id, event_id = add_user(db), add_event(db, status="draft")
        with psycopg.connect(database_url) as admin:
            update(admin, event_id, status="active")
            assert problem(db, "SELECT book_tickets(%s, %s, 1)", user_id, event_id) == ("TK002", {})
        add_booking(db, user_id, event_id)
        assert [entry["action"] for entry in logged(db)] == ["event-edited"]

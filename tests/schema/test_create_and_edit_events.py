"""create_event, and what of update_event is not about ending an event."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from tests.schema.editing import FIELDS, UPDATE, edited, event, refusal, update
from tests.schema.support import (
    add_event,
    add_started_event,
    add_user,
    await_lock_waiters,
    be_patient,
    book,
    error_of,
    in_days,
    problem,
    rows,
    value,
)

CREATE = "SELECT create_event(%s, %s, %s, %s, %s, %s, %s, %s, %s)"


@pytest.fixture
def admin(rolled_back: psycopg.Connection) -> int:
    return add_user(rolled_back, role="admin")


def create(db: psycopg.Connection, actor: int, starts: datetime) -> list[object]:
    return ["Opera", "Sung", "Hall", starts, "Europe/Rome", 50, Decimal("9.99"), 4, actor]


def test_a_created_event_is_active_and_logged(rolled_back: psycopg.Connection, admin: int) -> None:
    starts = in_days(9)

    event_id = value(rolled_back, CREATE, *create(rolled_back, admin, starts))

    found = event(rolled_back, event_id)
    assert [found[name] for name in FIELDS] == [
        *("Opera", "Sung", "Hall", starts, "Europe/Rome", 50, Decimal("9.99"), 4, "active")
    ]
    assert found["version"] == 1
    (entry,) = rows(rolled_back, "SELECT * FROM activity")
    assert (entry["action"], entry["event_id"], entry["actor_id"], entry["detail"]) == (
        "event-created",
        event_id,
        admin,
        {"title": "Opera"},
    )


def test_an_event_cannot_be_created_in_the_past(
    rolled_back: psycopg.Connection, admin: int
) -> None:
    assert problem(rolled_back, CREATE, *create(rolled_back, admin, in_days(-1))) == ("TK015", {})


def test_what_a_row_can_break_the_constraint_refuses(
    rolled_back: psycopg.Connection, admin: int
) -> None:
    blank = ["\u200b", *create(rolled_back, admin, in_days(1))[1:]]

    assert error_of(rolled_back, CREATE, *blank).constraint_name == "events_title_not_blank"


def test_an_edit_raises_the_version_and_is_logged_with_was_and_became(
    rolled_back: psycopg.Connection, admin: int
) -> None:
    event_id = add_event(rolled_back, title="Jazz Night", price=Decimal(20))

    update(rolled_back, event_id, 1, admin, title="Blues Night", price=Decimal(25), capacity=7)

    found = event(rolled_back, event_id)
    assert (found["title"], found["price"], found["capacity"], found["version"]) == (
        "Blues Night",
        25,
        7,
        2,
    )
    (entry,) = rows(rolled_back, "SELECT * FROM activity")
    assert (entry["action"], entry["actor_id"]) == ("event-edited", admin)
    assert entry["detail"] == {
        "was": {"title": "Jazz Night", "price": "20.00", "capacity": 100},
        "became": {"title": "Blues Night", "price": "25.00", "capacity": 7},
    }


def test_changing_nothing_raises_no_version_and_logs_nothing(
    rolled_back: psycopg.Connection,
) -> None:
    event_id = add_event(rolled_back)

    update(rolled_back, event_id, 1)

    assert event(rolled_back, event_id)["version"] == 1
    assert rows(rolled_back, "SELECT * FROM activity") == []


def test_an_unknown_event_is_refused(rolled_back: psycopg.Connection) -> None:
    arguments = edited(rolled_back, add_event(rolled_back), {})

    assert problem(rolled_back, UPDATE, 0, *arguments[1:]) == ("TK002", {})


def test_who_saw_an_older_version_may_not_edit(rolled_back: psycopg.Connection) -> None:
    event_id = add_event(rolled_back)
    update(rolled_back, event_id, 1, title="Blues Night")

    assert refusal(rolled_back, event_id, 1, title="Opera") == ("TK018", {"version": 2})
    update(rolled_back, event_id, None, title="Opera")


def test_sales_do_not_raise_the_version(rolled_back: psycopg.Connection, admin: int) -> None:
    event_id = add_event(rolled_back)
    book(rolled_back, admin, event_id, 2)

    update(rolled_back, event_id, 1, title="Blues Night")


def test_capacity_below_tickets_sold_is_refused(
    rolled_back: psycopg.Connection, admin: int
) -> None:
    event_id = add_event(rolled_back)
    book(rolled_back, admin, event_id, 5)

    assert refusal(rolled_back, event_id, capacity=4) == ("TK014", {"tickets_sold": 5})
    update(rolled_back, event_id, capacity=5)


def test_an_event_cannot_be_moved_into_the_past(rolled_back: psycopg.Connection) -> None:
    event_id = add_event(rolled_back)

    assert refusal(rolled_back, event_id, date_time=in_days(-0.1)) == ("TK015", {})


def test_an_event_that_has_started_can_still_be_edited(rolled_back: psycopg.Connection) -> None:
    event_id = add_started_event(rolled_back)

    update(rolled_back, event_id, description="Thank you for coming")

    assert event(rolled_back, event_id)["version"] == 2


def test_a_new_price_touches_no_existing_booking(
    rolled_back: psycopg.Connection, admin: int
) -> None:
    event_id = add_event(rolled_back, price=Decimal(20))
    first = book(rolled_back, admin, event_id, 2)

    update(rolled_back, event_id, price=Decimal(30))

    second = book(rolled_back, admin, event_id, 1)
    totals = rows(rolled_back, "SELECT id, total_amount FROM bookings ORDER BY id")
    assert [(row["id"], row["total_amount"]) for row in totals] == [
        (first["id"], 40),
        (second["id"], 30),
    ]
    assert event(rolled_back, event_id)["revenue"] == 70


def test_two_admins_who_edit_at_once_do_not_overwrite_each_other(
    database_url: str, db: psycopg.Connection
) -> None:
    be_patient(db)
    event_id = add_event(db)

    def edit_too() -> tuple[str | None, Any]:
        with psycopg.connect(database_url, autocommit=True) as connection:
            return refusal(connection, event_id, 1, title="Opera")

    with ThreadPoolExecutor() as threads, psycopg.connect(database_url) as first:
        update(first, event_id, 1, title="Blues Night")
        second = threads.submit(edit_too)
        await_lock_waiters(db)
        first.commit()

        assert second.result() == ("TK018", {"version": 2})

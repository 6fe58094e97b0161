"""create_event and update_event, except for ending an event."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support.event_edits import UPDATE, as_json, event, refusal, update
from tests.support.locks import await_lock_waiters, raise_lock_timeout
from tests.support.refusals import error_of, problem, refused_change
from tests.support.rows import (
    add_event,
    add_started_event,
    add_user,
    book,
    in_days,
    logged,
    rows,
    value,
)

CREATE: LiteralString = "SELECT id FROM create_event(%s, %s)"


@pytest.fixture
def admin(rolled_back: psycopg.Connection) -> int:
    return add_user(rolled_back, role="admin")


OPERA: dict[str, object] = {
    "title": "Opera",
    "description": "Sung",
    "venue": "Hall",
    "time_zone": "Europe/Rome",
    "capacity": 50,
    "price": Decimal("9.99"),
    "max_tickets_per_booking": 4,
    "status": "active",
}


def new_event(starts: datetime, **others: object) -> Jsonb:
    """Return the fields of an event to create."""
    return as_json({**OPERA, "date_time": starts, **others})


def test_a_created_event_is_active_and_logged(rolled_back: psycopg.Connection, admin: int) -> None:
    starts = in_days(9)

    event_id = value(rolled_back, CREATE, new_event(starts), admin)

    found = event(rolled_back, event_id)
    given = {**OPERA, "date_time": starts}
    assert {name: found[name] for name in given} == given
    assert found["version"] == 1
    (entry,) = rows(rolled_back, "SELECT * FROM activity")
    assert (entry["action"], entry["event_id"], entry["actor_id"], entry["detail"]) == (
        "event-created",
        event_id,
        admin,
        {"title": "Opera"},
    )


def test_a_field_left_out_of_a_new_event_has_its_default(
    rolled_back: psycopg.Connection, admin: int
) -> None:
    fields = {
        "title": "Opera",
        "venue": "Hall",
        "date_time": in_days(9),
        "time_zone": "UTC",
        "capacity": 50,
        "price": 0,
    }

    event_id = value(rolled_back, CREATE, as_json(fields), admin)

    found = event(rolled_back, event_id)
    assert (found["description"], found["max_tickets_per_booking"]) == ("", 10)
    for name in fields:
        rest = {other: field for other, field in fields.items() if other != name}
        missing = error_of(rolled_back, CREATE, as_json(rest), admin)
        assert (missing.sqlstate, missing.column_name) == ("23502", name)


@pytest.mark.parametrize("fields", ({}, {"title": None}))
def test_the_error_for_a_new_event_without_fields_names_a_missing_column(
    rolled_back: psycopg.Connection, admin: int, fields: dict[str, object]
) -> None:
    refused = error_of(rolled_back, CREATE, as_json(fields), admin)

    assert (refused.sqlstate, refused.column_name) == ("23502", "title")


def test_only_admins_create_and_edit(rolled_back: psycopg.Connection, admin: int) -> None:
    event_id = value(rolled_back, CREATE, new_event(in_days(9)), admin)

    for actor in (add_user(rolled_back), 0):
        assert problem(rolled_back, CREATE, new_event(in_days(9)), actor) == ("TK020", {})
        assert problem(rolled_back, UPDATE, event_id, as_json({"title": "x"}), 1, actor) == (
            "TK020",
            {},
        )


@pytest.mark.parametrize("name", ("tickets_sold", "version", "id", "nonsense"))
def test_a_field_that_cannot_be_edited_is_refused(
    rolled_back: psycopg.Connection, admin: int, name: str
) -> None:
    event_id = add_event(rolled_back)

    for query, *arguments in (
        (CREATE, new_event(in_days(9), **{name: 1}), admin),
        (UPDATE, event_id, as_json({name: 1}), 1, admin),
    ):
        refused = error_of(rolled_back, query, *arguments)
        assert (refused.sqlstate, refused.message_primary) == (
            "42703",
            f"not an editable field of an event: {name}",
        )


@pytest.mark.parametrize("status", ("cancelled", "completed"))
def test_an_event_cannot_be_created_with_a_final_status(
    rolled_back: psycopg.Connection, admin: int, status: str
) -> None:
    refusal = refused_change(rolled_back, CREATE, new_event(in_days(9), status=status), admin)

    assert refusal == "an event begins active or as a draft"


def test_an_event_cannot_be_created_in_the_past(
    rolled_back: psycopg.Connection, admin: int
) -> None:
    assert problem(rolled_back, CREATE, new_event(in_days(-1)), admin) == ("TK015", {})


def test_constraints_refuse_invalid_fields(rolled_back: psycopg.Connection, admin: int) -> None:
    blank = new_event(in_days(1), title="\u200b")

    refused = error_of(rolled_back, CREATE, blank, admin)

    assert refused.constraint_name == "events_title_not_blank"


def test_an_edit_raises_the_version_and_logs_old_and_new_values(
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
    (entry,) = logged(rolled_back)
    assert (entry["action"], entry["actor_id"]) == ("event-edited", admin)
    assert entry["detail"] == {
        "was": {"title": "Jazz Night", "price": "20.00", "capacity": 100},
        "became": {"title": "Blues Night", "price": "25.00", "capacity": 7},
    }


def test_an_edit_without_changes_is_not_logged(
    rolled_back: psycopg.Connection,
) -> None:
    event_id = add_event(rolled_back)

    as_it_is = value(
        rolled_back, "SELECT editable_fields(events) FROM events WHERE id = %s", event_id
    )
    update(rolled_back, event_id, 1, None, **as_it_is)
    update(rolled_back, event_id, 1)

    assert event(rolled_back, event_id)["version"] == 1
    assert logged(rolled_back) == []


def test_a_field_left_out_of_an_edit_is_unchanged(rolled_back: psycopg.Connection) -> None:
    event_id = add_event(rolled_back, description="Sung", max_tickets_per_booking=4)
    before = event(rolled_back, event_id)

    update(rolled_back, event_id, title="Opera")

    after = event(rolled_back, event_id)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"title", "search_text", "version", "updated_at"}


def test_an_unknown_event_is_refused(rolled_back: psycopg.Connection) -> None:
    assert refusal(rolled_back, 0, title="Opera") == ("TK002", {})


def test_an_edit_of_an_older_version_is_refused(rolled_back: psycopg.Connection) -> None:
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


def test_a_new_price_changes_no_existing_booking(
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


def test_concurrent_edits_do_not_overwrite_each_other(
    database_url: str, db: psycopg.Connection
) -> None:
    raise_lock_timeout(db)
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

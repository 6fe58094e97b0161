"""In a rolling deployment, processes of the first release call its functions."""

from decimal import Decimal
from typing import LiteralString

import psycopg
import pytest

from tests.support.event_edits import event, update
from tests.support.refusals import problem
from tests.support.rows import PASSWORD_HASH, add_user, book, in_days, logged, rows, value

CREATE: LiteralString = "SELECT create_event(%s, %s, %s, %s, %s, %s, %s, %s, %s)"
UPDATE: LiteralString = "SELECT update_event(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
BOOK: LiteralString = (
    "SELECT * FROM book_tickets(%s::bigint[], %s::bigint[], %s::integer[], %s::text[],"
    " %s::bigint[], %s::numeric[])"
)

# What an edit of the first release names, in this order; it will never name another field.
FIELDS = (
    "title",
    "description",
    "venue",
    "date_time",
    "time_zone",
    "capacity",
    "price",
    "max_tickets_per_booking",
    "status",
)
STARTS = in_days(9)


@pytest.fixture
def admin(rolled_back: psycopg.Connection) -> int:
    return add_user(rolled_back, role="admin")


@pytest.fixture
def event_id(rolled_back: psycopg.Connection, admin: int) -> int:
    """An event created as by a process of the first release."""
    fields = ("Opera", "Sung", "Hall", STARTS, "Europe/Rome", 50, Decimal("9.99"), 4)
    return int(value(rolled_back, CREATE, *fields, admin))


def edited(db: psycopg.Connection, event_id: int, **changes: object) -> list[object]:
    """Return the arguments of an edit except the version and the actor."""
    fields = {**event(db, event_id), **changes}
    return [event_id, *(fields[name] for name in FIELDS)]


def test_the_first_release_creates_an_event(
    rolled_back: psycopg.Connection, admin: int, event_id: int
) -> None:
    found = event(rolled_back, event_id)

    assert [found[name] for name in FIELDS] == [
        *("Opera", "Sung", "Hall", STARTS, "Europe/Rome", 50, Decimal("9.99"), 4, "active")
    ]
    assert value(rolled_back, "SELECT actor_id FROM activity") == admin


def test_the_first_release_edits_an_event(
    rolled_back: psycopg.Connection, admin: int, event_id: int
) -> None:
    changed = edited(rolled_back, event_id, title="Ballet", price=Decimal(5))

    assert value(rolled_back, UPDATE, *changed, 1, admin) == ""

    found = event(rolled_back, event_id)
    assert (found["title"], found["price"], found["version"]) == ("Ballet", 5, 2)
    (entry,) = logged(rolled_back)
    assert (entry["action"], entry["actor_id"]) == ("event-edited", admin)
    assert entry["detail"] == {
        "was": {"title": "Opera", "price": "9.99"},
        "became": {"title": "Ballet", "price": "5.00"},
    }


def test_the_first_release_gets_the_same_refusals(
    rolled_back: psycopg.Connection, admin: int, event_id: int
) -> None:
    past = ("Opera", "", "Hall", in_days(-1), "UTC", 50, 5, 4, admin)
    assert problem(rolled_back, CREATE, *past) == ("TK015", {})
    update(rolled_back, event_id, title="Ballet")
    unchanged = edited(rolled_back, event_id)

    assert problem(rolled_back, UPDATE, *unchanged, 1, admin) == ("TK018", {"version": 2})
    assert problem(rolled_back, UPDATE, 0, *unchanged[1:], None, admin) == ("TK002", {})


def test_the_first_release_cancels_an_event(
    rolled_back: psycopg.Connection, admin: int, event_id: int
) -> None:
    booking = book(rolled_back, admin, event_id, 2)

    rolled_back.execute(UPDATE, [*edited(rolled_back, event_id, status="cancelled"), 1, admin])

    assert value(rolled_back, "SELECT status FROM bookings WHERE id = %s", booking["id"]) == (
        "cancelled"
    )


def test_the_first_release_books_with_parallel_arrays(
    rolled_back: psycopg.Connection, admin: int, event_id: int
) -> None:
    arguments = (
        [admin] * 2,
        [event_id] * 2,
        [3, 60],
        ["a", None],
        [None] * 2,
        [Decimal("29.97"), None],
    )

    booked, refused = rows(rolled_back, BOOK, *arguments)
    (again, _) = rows(rolled_back, BOOK, *arguments)

    assert (booked["request_no"], booked["replayed"], booked["error_code"]) == (1, False, None)
    assert (booked["quantity"], booked["event_title"]) == (3, "Opera")
    assert [ticket["status"] for ticket in booked["tickets"]] == ["active"] * 3
    assert (refused["request_no"], refused["id"], refused["error_code"]) == (2, None, "TK004")
    assert refused["error_detail"] == {"limit": 4}
    assert (again["id"], again["replayed"]) == (booked["id"], True)


def test_the_first_release_creates_a_user(rolled_back: psycopg.Connection, admin: int) -> None:
    user_id = value(
        rolled_back,
        "SELECT create_user('Grace', '+4930112', 'admin', %s, %s)",
        PASSWORD_HASH,
        admin,
    )

    (user,) = rows(rolled_back, "SELECT * FROM users WHERE id = %s", user_id)
    assert (user["name"], user["phone"], user["role"]) == ("Grace", "+4930112", "admin")
    assert user["password_hash"] == PASSWORD_HASH


def test_a_field_unknown_to_the_first_release_is_kept(
    rolled_back: psycopg.Connection, admin: int, event_id: int
) -> None:
    """As if this release had one more field, in the function that names all fields."""
    rolled_back.execute("ALTER TABLE events ADD COLUMN curfew timestamptz")
    definition = value(
        rolled_back, "SELECT pg_get_functiondef('editable_fields(events)'::regprocedure)"
    )
    assert definition.count("build_object(") == 1
    rolled_back.execute(
        definition.replace("build_object(", "build_object('curfew', (p_event).curfew, ")
    )
    rolled_back.execute("UPDATE events SET curfew = date_time - interval '1 hour'")
    before = event(rolled_back, event_id)["curfew"]
    assert before is not None

    rolled_back.execute(UPDATE, [*edited(rolled_back, event_id, title="Ballet"), None, admin])

    found = event(rolled_back, event_id)
    assert (found["title"], found["curfew"]) == ("Ballet", before)

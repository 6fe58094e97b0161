"""copy_event: drafts of an event on other dates."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time
from typing import Any, LiteralString
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support.event_edits import event, update
from tests.support.refusals import problem
from tests.support.rows import add_event, add_started_event, add_user, book, rows, value

COPY: LiteralString = (
    "SELECT id FROM copy_event(%s, ARRAY("
    " SELECT ROW(start, NULL)::event_start FROM unnest(%s::timestamptz[]) AS start), %s)"
)
COPY_ONCE: LiteralString = (
    "SELECT (event).id, replayed FROM copy_event_once(%s, ARRAY("
    " SELECT ROW(start, NULL)::event_start FROM unnest(%s::timestamptz[]) AS start), %s, %s)"
)
BERLIN = ZoneInfo("Europe/Berlin")
MAY, JUNE = (datetime(2031, month, 5, 20, tzinfo=BERLIN) for month in (5, 6))


def copies(
    db: psycopg.Connection, event_id: int, *starts: datetime, actor: int | None = None
) -> list[int]:
    return [row["id"] for row in rows(db, COPY, event_id, list(starts), actor)]


def test_a_copy_is_a_draft_with_every_field(rolled_back: psycopg.Connection) -> None:
    admin_id = add_user(rolled_back, role="admin")
    event_id = add_event(
        rolled_back,
        date_time=MAY,
        description="With seats.",
        doors_open="19:00",
        end_time="23:00",
        payment_note="Pay at the door.",
        address="Quay 7",
        minimum_age=16,
        access_note="Step-free.",
        organiser_contact="Ana",
        category="Comedy",
        max_tickets_per_booking=4,
    )
    book(rolled_back, admin_id, event_id, 2)
    update(rolled_back, event_id, status="cancelled", cancellation_reason="The singer is ill.")

    (copy_id,) = copies(rolled_back, event_id, JUNE, actor=admin_id)

    fields: LiteralString = "SELECT editable_fields(events) FROM events WHERE id = %s"
    was, copy = value(rolled_back, fields, event_id), value(rolled_back, fields, copy_id)
    assert copy == was | {
        "status": "draft",
        "cancellation_reason": None,
        "date_time": "2031-06-05T18:00:00Z",
        "local_date_time": "2031-06-05T20:00:00",
    }
    found = event(rolled_back, copy_id)
    assert (found["version"], found["tickets_sold"], found["bookings_count"]) == (1, 0, 0)
    log: LiteralString = "SELECT action, actor_id FROM activity WHERE event_id = %s"
    assert rows(rolled_back, log, copy_id) == [{"action": "event-created", "actor_id": admin_id}]


def test_copies_come_in_the_order_of_their_dates(rolled_back: psycopg.Connection) -> None:
    event_id = add_started_event(rolled_back)

    found = copies(rolled_back, event_id, JUNE, MAY)

    assert [event(rolled_back, copy)["date_time"] for copy in found] == [JUNE, MAY]
    assert copies(rolled_back, event_id) == []


@pytest.mark.parametrize(
    ("start", "doors", "end"),
    (
        # On the day on which the clocks go forward, and on that on which they go back.
        (datetime(2031, 3, 30, 20, tzinfo=BERLIN), time(19), time(23, 30)),
        (datetime(2031, 10, 26, 20, tzinfo=BERLIN), time(19), time(23, 30)),
        # At 02:00 on that day the clocks show 03:00: the night has one hour less.
        (datetime(2031, 3, 30, 0, 30, tzinfo=BERLIN), time(23, 30), time(4)),
        # A matinee, and a start so late that the end is on the next day.
        (datetime(2031, 5, 6, 15, tzinfo=BERLIN), time(14), time(18, 30)),
        (datetime(2031, 5, 6, 22, 45, tzinfo=BERLIN), time(21, 45), time(2, 15)),
    ),
)
def test_doors_and_end_stay_as_far_from_the_start_on_the_clock(
    rolled_back: psycopg.Connection, start: datetime, doors: time, end: time
) -> None:
    event_id = add_event(rolled_back, date_time=MAY, doors_open="19:00", end_time="23:30")

    (copy_id,) = copies(rolled_back, event_id, start)

    found = event(rolled_back, copy_id)
    assert found["local_date_time"] == start.replace(tzinfo=None)
    assert (found["doors_open"], found["end_time"]) == (doors, end)


@pytest.mark.leaves_contradictions
def test_the_local_time_that_is_given_is_kept(rolled_back: psycopg.Connection) -> None:
    event_id = add_event(rolled_back, date_time=MAY, doors_open="19:00")

    # By rules that this server does not have yet.
    (copy,) = rows(
        rolled_back,
        "SELECT local_date_time, doors_open FROM copy_event("
        "%s, ARRAY[ROW('2031-06-05 18:00+00', '2031-06-05 19:00')::event_start], NULL)",
        event_id,
    )

    assert str(copy["local_date_time"]) == "2031-06-05 19:00:00"
    assert copy["doors_open"] == time(18)


def test_refusals(rolled_back: psycopg.Connection) -> None:
    event_id, customer_id = add_event(rolled_back), add_user(rolled_back)

    assert problem(rolled_back, COPY, 0, [MAY], None) == ("TK002", {})
    assert problem(rolled_back, COPY, event_id, [MAY], customer_id) == ("TK020", {})
    past = datetime(2001, 5, 5, tzinfo=UTC)
    assert problem(rolled_back, COPY, event_id, [MAY, past], None) == ("TK015", {})
    assert value(rolled_back, "SELECT count(*) FROM events") == 1


def copy_once(
    db: psycopg.Connection, event_id: int, starts: Sequence[datetime], admin_id: int, key: str
) -> list[dict[str, Any]]:
    return rows(db, COPY_ONCE, event_id, list(starts), admin_id, key)


def test_a_repeated_request_returns_the_same_copies(rolled_back: psycopg.Connection) -> None:
    event_id, admin_id = add_event(rolled_back), add_user(rolled_back, role="admin")
    first = copy_once(rolled_back, event_id, [JUNE, MAY], admin_id, "key")
    assert [row["replayed"] for row in first] == [False, False]

    again = copy_once(rolled_back, event_id, [JUNE, MAY], admin_id, "key")

    assert again == [row | {"replayed": True} for row in first]
    assert value(rolled_back, "SELECT count(*) FROM events") == 3
    for other in ((event_id, [MAY, JUNE]), (first[0]["id"], [JUNE, MAY])):
        call = problem(rolled_back, COPY_ONCE, *other, admin_id, "key")
        assert call == ("TK007", {})
    opera = Jsonb({"title": "Opera"})
    call = problem(rolled_back, "SELECT create_event_once(%s, %s, 'key')", opera, admin_id)
    assert call == ("TK007", {})


def test_without_a_key_every_request_copies(rolled_back: psycopg.Connection) -> None:
    event_id = add_event(rolled_back)

    for _ in range(2):
        (copy,) = rows(rolled_back, COPY_ONCE, event_id, [MAY], None, None)
        assert copy["replayed"] is False

    assert value(rolled_back, "SELECT count(*) FROM events") == 3


def test_two_requests_at_once_with_one_key_copy_once(
    database_url: str, db: psycopg.Connection
) -> None:
    event_id, admin_id = add_event(db), add_user(db, role="admin")

    def copy() -> list[int]:
        with psycopg.connect(database_url, autocommit=True) as connection:
            made = copy_once(connection, event_id, [MAY, JUNE], admin_id, "key")
        return [row["id"] for row in made]

    with ThreadPoolExecutor() as threads:
        first, *others = [call.result() for call in [threads.submit(copy) for _ in range(4)]]

    assert others == [first] * 3
    assert value(db, "SELECT count(*) FROM events") == 3

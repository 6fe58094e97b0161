"""The sale times of an event: who can book when, by the database's clock."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import LiteralString

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support.locks import await_lock_waiters, raise_lock_timeout
from tests.support.refusals import error_of, problem
from tests.support.rows import add_event, add_started_event, add_user, book, in_days, rows, value

BOOK: LiteralString = "SELECT * FROM book_tickets(%s, %s, 1)"
BOOK_FOR: LiteralString = "SELECT * FROM book_tickets(%s, %s, 1, NULL, %s)"
TIMES: LiteralString = "SELECT sale_starts_at, sale_ends_at FROM events WHERE id = %s"
UPDATE: LiteralString = "SELECT update_event(%s, %s, NULL, NULL)"


@pytest.fixture
def customer(rolled_back: psycopg.Connection) -> int:
    return add_user(rolled_back)


@pytest.fixture
def admin(rolled_back: psycopg.Connection) -> int:
    return add_user(rolled_back, role="admin")


def times(db: psycopg.Connection, event_id: int) -> tuple[datetime | None, datetime | None]:
    (found,) = rows(db, TIMES, event_id)
    return found["sale_starts_at"], found["sale_ends_at"]


def edit(db: psycopg.Connection, event_id: int, **fields: object) -> None:
    given = {
        name: field.isoformat() if isinstance(field, datetime) else field
        for name, field in fields.items()
    }
    db.execute(UPDATE, [event_id, Jsonb(given)])


def test_customers_book_within_the_sale_times(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    event_id = add_event(rolled_back, sale_starts_at=in_days(-1), sale_ends_at=in_days(1))
    book(rolled_back, customer, event_id, 1)
    # The moment at which the sale starts is the first within it, and that of its end is not.
    now = value(rolled_back, "SELECT date_trunc('second', clock_timestamp())")
    assert value(
        rolled_back,
        "SELECT array_agg(closed_reason(events, false, at) ORDER BY at)"
        " FROM events, unnest(ARRAY[sale_starts_at - interval '1 microsecond', sale_starts_at,"
        " sale_ends_at - interval '1 microsecond', sale_ends_at]) AS at WHERE id = %s",
        event_id,
    ) == ["not-yet-on-sale", None, None, "sale-ended"]
    assert now is not None


def test_customers_cannot_book_before_the_sale(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    starts = datetime(2031, 5, 6, 8, tzinfo=UTC)
    event_id = add_event(rolled_back, date_time=starts + timedelta(hours=10), sale_starts_at=starts)
    facts = {"reason": "not-yet-on-sale", "sale_starts_at": "2031-05-06T08:00:00Z"}
    assert problem(rolled_back, BOOK, customer, event_id) == ("TK003", facts)
    # Another customer who books for them is a customer as well.
    other = add_user(rolled_back)
    assert problem(rolled_back, BOOK_FOR, customer, event_id, other) == ("TK003", facts)


def test_customers_cannot_book_after_the_sale(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    event_id = add_event(rolled_back, sale_ends_at=in_days(-1 / 24))
    assert problem(rolled_back, BOOK, customer, event_id) == ("TK003", {"reason": "sale-ended"})


@pytest.mark.parametrize(
    "columns", ({"sale_starts_at": in_days(1)}, {"sale_ends_at": in_days(-1)}), ids=str
)
def test_admins_sell_before_and_after_the_sale(
    rolled_back: psycopg.Connection, customer: int, admin: int, columns: dict[str, object]
) -> None:
    event_id = add_event(rolled_back, **columns)
    rolled_back.execute(BOOK_FOR, [customer, event_id, admin])
    assert value(rolled_back, "SELECT tickets_sold FROM events WHERE id = %s", event_id) == 1


def test_admins_sell_at_the_door_until_it_closes(
    rolled_back: psycopg.Connection, customer: int, admin: int
) -> None:
    started = add_started_event(rolled_back, date_time=in_days(-11.9 / 24))
    rolled_back.execute(BOOK_FOR, [customer, started, admin])
    refused = ("TK003", {"reason": "started"})
    assert problem(rolled_back, BOOK, customer, started) == refused
    closed = add_started_event(rolled_back, date_time=in_days(-0.5))
    assert problem(rolled_back, BOOK_FOR, customer, closed, admin) == refused


@pytest.mark.parametrize("status", ("cancelled", "completed"))
def test_admins_sell_nothing_of_an_event_that_is_over(
    rolled_back: psycopg.Connection, customer: int, admin: int, status: str
) -> None:
    event_id = add_event(rolled_back, status=status)
    refusal = problem(rolled_back, BOOK_FOR, customer, event_id, admin)
    assert refusal == ("TK003", {"reason": status})


@pytest.mark.parametrize(
    "columns", ({"sale_starts_at": in_days(1)}, {"sale_ends_at": in_days(-1)}), ids=str
)
def test_cancelling_does_not_depend_on_the_sale(
    rolled_back: psycopg.Connection, customer: int, columns: dict[str, object]
) -> None:
    event_id = add_event(rolled_back)
    booking = book(rolled_back, customer, event_id, 1)
    edit(rolled_back, event_id, **columns)

    assert value(
        rolled_back,
        "SELECT (event_details.bookable, open_to_customers) = (true, false)"
        " FROM event_details WHERE event_id = %s",
        event_id,
    )
    cancelled = "SELECT cancellable FROM booking_with_tickets(%s)"
    assert value(rolled_back, cancelled, booking["id"]) is True
    rolled_back.execute("SELECT cancel_booking(%s, %s)", [booking["id"], customer])
    assert value(rolled_back, "SELECT tickets_sold FROM events WHERE id = %s", event_id) == 0


def test_a_booking_that_waited_beyond_the_end_is_refused(
    database_url: str, db: psycopg.Connection
) -> None:
    raise_lock_timeout(db)
    customer, admin = add_user(db), add_user(db, role="admin")
    ends = value(db, "SELECT date_trunc('second', clock_timestamp()) + interval '2 seconds'")
    event_id = add_event(db, sale_ends_at=ends)

    def book_in_time(booker: int) -> str | None:
        with psycopg.connect(database_url, autocommit=True) as connection:
            # The sale is still open when the call begins.
            assert value(connection, "SELECT clock_timestamp() < %s", ends)
            (answer,) = rows(
                connection,
                "SELECT error_detail ->> 'reason' AS reason FROM book_tickets(ARRAY["
                "ROW(%s, %s, 1, NULL, %s, NULL)]::booking_request[])",
                *(customer, event_id, booker),
            )
            reason: str | None = answer["reason"]
            return reason

    with psycopg.connect(database_url) as holder, ThreadPoolExecutor() as pool:
        holder.execute("SELECT FROM events WHERE id = %s FOR UPDATE", [event_id])
        answers = [pool.submit(book_in_time, booker) for booker in (customer, admin)]
        await_lock_waiters(db, count=2)
        while not value(db, "SELECT clock_timestamp() > %s", ends):
            time.sleep(0.02)
        holder.rollback()
        assert [answer.result() for answer in answers] == ["sale-ended", None]


def test_the_sale_opens_by_itself(rolled_back: psycopg.Connection, customer: int) -> None:
    starts = value(
        rolled_back, "SELECT date_trunc('second', clock_timestamp()) + interval '1 second'"
    )
    event_id = add_event(rolled_back, sale_starts_at=starts)
    assert problem(rolled_back, BOOK, customer, event_id)[0] == "TK003"
    while not value(rolled_back, "SELECT clock_timestamp() >= %s", starts):
        time.sleep(0.02)
    # In the same transaction: its own time is still before the sale.
    booking = book(rolled_back, customer, event_id, 1)
    assert booking["booking_date"] >= starts


def test_the_end_of_the_sale_moves_with_the_event(rolled_back: psycopg.Connection) -> None:
    start, opened, ends = in_days(30), in_days(-3), in_days(29)
    event_id = add_event(rolled_back, date_time=start, sale_starts_at=opened, sale_ends_at=ends)
    for days in (7, -20):
        moved = timedelta(days=days)
        edit(rolled_back, event_id, date_time=start + moved)
        assert times(rolled_back, event_id) == (opened, ends + moved)


def test_the_start_of_the_sale_moves_only_if_it_must(rolled_back: psycopg.Connection) -> None:
    start, opens = in_days(30), in_days(20)
    event_id = add_event(rolled_back, date_time=start, sale_starts_at=opens)
    edit(rolled_back, event_id, date_time=in_days(40))
    assert times(rolled_back, event_id) == (opens, None)
    edit(rolled_back, event_id, date_time=in_days(15))
    found, _ = times(rolled_back, event_id)
    assert found == opens - timedelta(days=25)


def test_sale_times_that_an_edit_names_are_kept(rolled_back: psycopg.Connection) -> None:
    start = in_days(30)
    event_id = add_event(rolled_back, date_time=start, sale_ends_at=in_days(29))
    named = in_days(31)
    edit(rolled_back, event_id, date_time=in_days(40), sale_ends_at=named, sale_starts_at=None)
    assert times(rolled_back, event_id) == (None, named)
    refusal = error_of(
        rolled_back, UPDATE, event_id, Jsonb({"sale_ends_at": in_days(41).isoformat()})
    )
    assert refusal.constraint_name == "events_sale_ends_before_event"


def test_the_preview_tells_the_sale_times_that_follow(rolled_back: psycopg.Connection) -> None:
    event_id = add_event(rolled_back, date_time=in_days(30), sale_ends_at=in_days(29))
    fields = Jsonb({"date_time": in_days(37).isoformat()})
    query: LiteralString = (
        "SELECT sale_starts_at, sale_ends_at, people FROM preview_event_update(%s, %s)"
    )
    (preview,) = rows(rolled_back, query, event_id, fields)
    rolled_back.execute(UPDATE, [event_id, fields])
    assert (preview["sale_starts_at"], preview["sale_ends_at"]) == times(rolled_back, event_id)


def test_the_history_has_the_sale_times(rolled_back: psycopg.Connection) -> None:
    event_id, opens = add_event(rolled_back), in_days(3)
    edit(rolled_back, event_id, sale_starts_at=opens)
    (line,) = rows(
        rolled_back,
        "SELECT detail FROM activity WHERE event_id = %s AND action = 'event-edited'",
        event_id,
    )
    assert line["detail"]["was"] == {"sale_starts_at": None}
    past: LiteralString = (
        "SELECT array_agg(past.sale_starts_at ORDER BY version.version)"
        " FROM event_versions AS version"
        " CROSS JOIN LATERAL event_as_of(version.event_id, version.at) AS past"
        " WHERE version.event_id = %s"
    )
    assert value(rolled_back, past, event_id) == [None, opens]


def test_a_copy_keeps_the_distance_of_its_sale_times(rolled_back: psycopg.Connection) -> None:
    start, opens, ends = in_days(30), in_days(10), in_days(29)
    event_id = add_event(rolled_back, date_time=start, sale_starts_at=opens, sale_ends_at=ends)
    copy_id = value(
        rolled_back,
        "SELECT id FROM copy_event(%s, ARRAY[ROW(%s, NULL)::event_start], NULL)",
        *(event_id, start + timedelta(days=7)),
    )
    week = timedelta(days=7)
    assert times(rolled_back, copy_id) == (opens + week, ends + week)

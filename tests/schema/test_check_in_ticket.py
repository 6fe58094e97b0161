"""check_in_ticket uses a code exactly once."""

from concurrent.futures import ThreadPoolExecutor
from typing import LiteralString

import psycopg
import pytest

from tests.support.event_edits import update
from tests.support.locks import await_lock_waiters, raise_lock_timeout
from tests.support.refusals import problem
from tests.support.rows import (
    add_event,
    add_user,
    book,
    is_now,
    logged,
    repair,
    rows,
    value,
)

CHECK_IN: LiteralString = "SELECT * FROM check_in_ticket(%s, %s, %s)"


@pytest.fixture
def admin(rolled_back: psycopg.Connection) -> int:
    return add_user(rolled_back, role="admin")


def test_a_check_in_uses_the_ticket_and_counts_it(
    rolled_back: psycopg.Connection, admin: int
) -> None:
    customer_id, event_id = add_user(rolled_back, name="Grace Hopper"), add_event(rolled_back)
    booking = book(rolled_back, customer_id, event_id, 2)
    code = booking["ticket_codes"][1]

    (answer,) = rows(rolled_back, CHECK_IN, code, event_id, admin)

    (ticket,) = rows(rolled_back, "SELECT * FROM tickets WHERE ticket_code = %s", code)
    assert is_now(rolled_back, ticket["used_at"])
    assert answer == {
        "ticket_id": ticket["id"],
        "ticket_code": code,
        "used_at": ticket["used_at"],
        "booking_id": booking["id"],
        "booking_quantity": 2,
        "customer_name": "Grace Hopper",
        "event_id": event_id,
        "event_title": "Jazz Night",
        "event_tickets_sold": 2,
        "event_tickets_checked_in": 1,
    }
    (entry,) = logged(rolled_back)
    assert (entry["action"], entry["ticket_id"], entry["actor_id"], entry["user_id"]) == (
        "ticket-admitted",
        ticket["id"],
        admin,
        customer_id,
    )
    assert code not in str(entry)


def test_only_admins_may_check_in(rolled_back: psycopg.Connection) -> None:
    customer_id, event_id = add_user(rolled_back), add_event(rolled_back)
    (code,) = book(rolled_back, customer_id, event_id, 1)["ticket_codes"]

    assert problem(rolled_back, CHECK_IN, code, event_id, customer_id) == ("TK020", {})
    assert problem(rolled_back, CHECK_IN, code, event_id, 0) == ("TK020", {})


def test_a_second_scan_reports_the_time_of_the_first(
    rolled_back: psycopg.Connection, admin: int
) -> None:
    event_id = add_event(rolled_back)
    (code,) = book(rolled_back, admin, event_id, 1)["ticket_codes"]
    rolled_back.execute("SET TIME ZONE 'Asia/Tokyo'")
    rolled_back.execute(CHECK_IN, [code, event_id, admin])

    sqlstate, facts = problem(rolled_back, CHECK_IN, code, event_id, admin)

    assert sqlstate == "TK010"
    assert value(rolled_back, "SELECT %s::timestamptz = used_at FROM tickets", facts["used_at"])
    assert facts["used_at"].endswith("Z")


def test_a_used_ticket_stays_used_after_its_event_is_cancelled(
    rolled_back: psycopg.Connection, admin: int
) -> None:
    event_id = add_event(rolled_back)
    used, unused = book(rolled_back, admin, event_id, 2)["ticket_codes"]
    rolled_back.execute(CHECK_IN, [used, event_id, admin])
    update(rolled_back, event_id, status="cancelled")

    assert problem(rolled_back, CHECK_IN, used, event_id, admin)[0] == "TK010"
    assert problem(rolled_back, CHECK_IN, unused, event_id, admin) == ("TK011", {})


@pytest.mark.parametrize("typed", ("", "hello", "0" * 21, "🎫" * 21, "1" * 10_000, None))
def test_an_impossible_code_is_reported_as_mistyped(
    rolled_back: psycopg.Connection, admin: int, typed: str | None
) -> None:
    expected = "TK009" if typed == "0" * 21 else "TK017"  # the check symbol of zeros is zero
    assert problem(rolled_back, CHECK_IN, typed, None, admin) == (expected, {})


def test_an_unknown_code_is_not_found(rolled_back: psycopg.Connection, admin: int) -> None:
    code = value(rolled_back, "SELECT new_ticket_code(1)")

    assert problem(rolled_back, CHECK_IN, code, None, admin) == ("TK009", {})


def test_a_cancelled_ticket_is_refused(rolled_back: psycopg.Connection, admin: int) -> None:
    booking = book(rolled_back, admin, add_event(rolled_back), 1)
    rolled_back.execute("SELECT cancel_booking(%s, %s)", [booking["id"], admin])

    assert problem(rolled_back, CHECK_IN, booking["ticket_codes"][0], None, admin) == ("TK011", {})


def test_a_ticket_for_another_event_names_it(rolled_back: psycopg.Connection, admin: int) -> None:
    (code,) = book(rolled_back, admin, add_event(rolled_back, title="Opera"), 1)["ticket_codes"]

    assert problem(rolled_back, CHECK_IN, code, add_event(rolled_back), admin) == (
        "TK012",
        {"event_title": "Opera"},
    )


def test_a_ticket_for_another_event_is_refused_without_waiting(
    db: psycopg.Connection, database_url: str
) -> None:
    admin, event_id = add_user(db, role="admin"), add_event(db, title="Opera")
    (code,) = book(db, admin, event_id, 1)["ticket_codes"]
    another_id = add_event(db)

    with psycopg.connect(database_url) as locking:
        locking.execute("SELECT FROM events FOR UPDATE")
        refused = problem(db, CHECK_IN, code, another_id, admin)

    assert refused == ("TK012", {"event_title": "Opera"})


def test_check_in_has_no_time_window(rolled_back: psycopg.Connection, admin: int) -> None:
    event_id = add_event(rolled_back)
    (code,) = book(rolled_back, admin, event_id, 1)["ticket_codes"]
    with repair(rolled_back):
        rolled_back.execute("UPDATE events SET created_at = '2000-01-01', date_time = '2000-01-02'")

    assert rows(rolled_back, CHECK_IN, code, event_id, admin)


def test_two_scanners_use_one_code_once(database_url: str, db: psycopg.Connection) -> None:
    raise_lock_timeout(db)
    admin_id, event_id = add_user(db, role="admin"), add_event(db)
    (code,) = book(db, admin_id, event_id, 1)["ticket_codes"]

    def scan() -> tuple[str | None, object]:
        with psycopg.connect(database_url, autocommit=True) as connection:
            return problem(connection, CHECK_IN, code, event_id, admin_id)

    with ThreadPoolExecutor() as threads, psycopg.connect(database_url) as first:
        first.execute(CHECK_IN, [code, event_id, admin_id])
        second = threads.submit(scan)
        await_lock_waiters(db)
        first.commit()

        assert second.result()[0] == "TK010"
    assert len(logged(db)) == 1
    assert value(db, "SELECT tickets_checked_in FROM events") == 1


def test_either_a_scan_or_a_cancellation_wins(database_url: str, db: psycopg.Connection) -> None:
    raise_lock_timeout(db)
    user_id, event_id = add_user(db, role="admin"), add_event(db)
    booking = book(db, user_id, event_id, 1)

    def cancel() -> tuple[str | None, object]:
        with psycopg.connect(database_url, autocommit=True) as connection:
            return problem(connection, "SELECT cancel_booking(%s, %s)", booking["id"], user_id)

    with ThreadPoolExecutor() as threads, psycopg.connect(database_url) as scanner:
        scanner.execute(CHECK_IN, [booking["ticket_codes"][0], event_id, user_id])
        cancelling = threads.submit(cancel)
        await_lock_waiters(db)
        scanner.commit()

        assert cancelling.result() == ("TK006", {"reason": "ticket-used"})

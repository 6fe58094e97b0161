"""What book_tickets waits for, how long, and what it answers afterwards.

One connection holds a lock in an open transaction. The connection under test must be waiting for it
in pg_stat_activity before the first one continues.
"""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from tests.support.locks import await_lock_waiters, raise_lock_timeout
from tests.support.refusals import problem
from tests.support.rows import add_booking, add_event, add_user, batch, book, rows, value


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as pool:
        yield pool


@pytest.fixture
def other(threads: ThreadPoolExecutor, database_url: str) -> Iterator[psycopg.Connection]:
    """Another open transaction, which ends before the threads are awaited."""
    with psycopg.connect(database_url) as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def without_lock_timeout(db: psycopg.Connection) -> None:
    raise_lock_timeout(db)


def in_background(
    threads: ThreadPoolExecutor, url: str, requests: Sequence[Sequence[object]]
) -> Future[list[dict[str, Any]]]:
    def run() -> list[dict[str, Any]]:
        with psycopg.connect(url, autocommit=True) as connection:
            return batch(connection, requests)

    return threads.submit(run)


def codes(answers: list[dict[str, Any]]) -> list[str | None]:
    return [answer["error_code"] for answer in answers]


def test_answers_without_new_tickets_wait_for_no_lock(
    db: psycopg.Connection, other: psycopg.Connection
) -> None:
    user_id, event_id = add_user(db), add_event(db, capacity=3)
    book(db, user_id, event_id, 2, "key")
    other.execute("SELECT FROM events FOR UPDATE")

    # If one of them waited, all of them would fail, because the lock is not released.
    answers = batch(
        db,
        [
            (user_id, event_id, 2),
            (user_id, event_id, 2, "new-key"),
            (user_id, event_id, 2, "key"),
            (user_id, event_id, 1, "key"),
            (user_id, event_id, 0),
            (0, event_id, 9),
            (user_id, 0, 1),
            (user_id, event_id, 2, None, None, 1),
        ],
    )

    assert codes(answers) == [
        "TK001",
        "TK001",
        None,
        "TK007",
        "TK004",
        "TK008",
        "TK002",
        "TK016",
    ]


def test_waiting_for_a_locked_event_times_out_after_a_second(
    db: psycopg.Connection, other: psycopg.Connection
) -> None:
    user_id, event_id, free_event_id = add_user(db), add_event(db), add_event(db)
    other.execute("SELECT FROM events WHERE id = %s FOR UPDATE", [event_id])

    began = time.monotonic()
    found = problem(db, "SELECT * FROM book_tickets(%s, %s, 1)", user_id, event_id)

    assert found == ("55P03", None)
    assert 0.9 < time.monotonic() - began < 5
    assert book(db, user_id, free_event_id, 1)["replayed"] is False


def test_a_lock_timeout_does_not_outlive_the_call(
    db: psycopg.Connection,
) -> None:
    db.execute("SET lock_timeout = '7s'")
    book(db, add_user(db), add_event(db), 1)

    assert value(db, "SHOW lock_timeout") == "7s"


@pytest.mark.usefixtures("without_lock_timeout")
def test_a_waiting_request_is_booked_after_the_lock_is_released(
    database_url: str,
    db: psycopg.Connection,
    other: psycopg.Connection,
    threads: ThreadPoolExecutor,
) -> None:
    user_id, event_id = add_user(db), add_event(db)
    other.execute("SELECT FROM events FOR UPDATE")
    waiting = in_background(threads, database_url, [(user_id, event_id, 1)])
    await_lock_waiters(db)

    other.rollback()

    assert codes(waiting.result()) == [None]


@pytest.mark.usefixtures("without_lock_timeout")
@pytest.mark.parametrize(("ending", "code"), (("COMMIT", "TK001"), ("ROLLBACK", None)))
def test_the_last_ticket_goes_to_the_transaction_that_commits(
    database_url: str,
    db: psycopg.Connection,
    other: psycopg.Connection,
    threads: ThreadPoolExecutor,
    ending: str,
    code: str | None,
) -> None:
    user_id, event_id = add_user(db), add_event(db, capacity=1)
    book(other, user_id, event_id, 1)
    waiting = in_background(threads, database_url, [(user_id, event_id, 1)])
    await_lock_waiters(db)

    other.execute(ending.encode())

    (answer,) = waiting.result()
    assert answer["error_code"] == code
    if code:
        assert answer["error_detail"] == {"available": 0}


@pytest.mark.usefixtures("without_lock_timeout")
def test_changes_while_waiting_are_respected(
    database_url: str,
    db: psycopg.Connection,
    other: psycopg.Connection,
    threads: ThreadPoolExecutor,
) -> None:
    user_id, event_id = add_user(db), add_event(db)
    other.execute("UPDATE events SET price = 30, max_tickets_per_booking = 2")
    requests = [
        (user_id, event_id, 1, None, None, 20),
        (user_id, event_id, 3),
        (user_id, event_id, 1),
    ]
    waiting = in_background(threads, database_url, requests)
    await_lock_waiters(db)

    other.commit()

    assert codes(waiting.result()) == ["TK016", "TK004", None]
    assert value(db, "SELECT revenue FROM events") == 30


@pytest.mark.usefixtures("without_lock_timeout")
def test_a_retry_that_waited_for_its_first_try_is_not_sold_out(
    database_url: str,
    db: psycopg.Connection,
    other: psycopg.Connection,
    threads: ThreadPoolExecutor,
) -> None:
    user_id, event_id = add_user(db), add_event(db, capacity=2)
    first = book(other, user_id, event_id, 2, "key")
    waiting = in_background(threads, database_url, [(user_id, event_id, 2, "key")])
    await_lock_waiters(db)

    other.commit()

    (answer,) = waiting.result()
    assert (answer["error_code"], answer["id"], answer["replayed"]) == (None, first["id"], True)


@pytest.mark.usefixtures("without_lock_timeout")
@pytest.mark.parametrize(("ending", "code"), (("COMMIT", "TK007"), ("ROLLBACK", None)))
def test_one_key_for_two_events_at_once_makes_one_booking(
    database_url: str,
    db: psycopg.Connection,
    other: psycopg.Connection,
    threads: ThreadPoolExecutor,
    ending: str,
    code: str | None,
) -> None:
    user_id, event_id, other_event_id = add_user(db), add_event(db), add_event(db)
    book(other, user_id, other_event_id, 1, "key")
    waiting = in_background(threads, database_url, [(user_id, event_id, 1, "key")])
    await_lock_waiters(db)

    other.execute(ending.encode())

    assert codes(waiting.result()) == [code]
    assert value(db, "SELECT count(*) FROM bookings") == 1


@pytest.mark.usefixtures("without_lock_timeout")
def test_a_ticket_reserved_for_a_taken_key_goes_to_the_next_request(
    database_url: str,
    db: psycopg.Connection,
    other: psycopg.Connection,
    threads: ThreadPoolExecutor,
) -> None:
    user_id, event_id, other_event_id = add_user(db), add_event(db, capacity=1), add_event(db)
    add_booking(other, user_id, other_event_id, 1, idempotency_key="key")
    requests = [(user_id, event_id, 1, "key"), (user_id, event_id, 1)]
    waiting = in_background(threads, database_url, requests)
    await_lock_waiters(db)

    other.commit()

    assert codes(waiting.result()) == ["TK007", None]
    assert [row["tickets_sold"] for row in rows(db, "SELECT * FROM events ORDER BY id")] == [1, 1]


@pytest.mark.usefixtures("without_lock_timeout")
def test_two_batches_with_the_same_keys_for_different_events_do_not_deadlock(
    database_url: str,
    db: psycopg.Connection,
    other: psycopg.Connection,
    threads: ThreadPoolExecutor,
) -> None:
    user_id = add_user(db)
    events = [add_event(db) for _ in range(3)]
    # Delay both half way: if they took keys in order of arrival, they would deadlock.
    for key in ("m", "n"):
        book(other, user_id, events[0], 1, key)
    first = [(user_id, events[1], 1, key) for key in ("b", "m", "a")]
    second = [(user_id, events[2], 1, key) for key in ("a", "n", "b")]
    batches = [in_background(threads, database_url, first)]
    await_lock_waiters(db, count=1)
    batches += [in_background(threads, database_url, second)]
    await_lock_waiters(db, count=2)

    other.commit()

    # "a" and "b" are booked once each, in either order.
    outcomes = [code for answers in batches for code in codes(answers.result())]
    assert sorted(map(str, outcomes)) == ["None"] * 2 + ["TK007"] * 4

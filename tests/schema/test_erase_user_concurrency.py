"""erase_user beside other sessions: either is refused, and nothing is written for nobody."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import LiteralString

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.support.dumps import dump
from tests.support.known_person import EMAIL, NAME, PHONE, add_known_person, traces_in
from tests.support.locks import await_lock_waiters, raise_lock_timeout
from tests.support.rows import (
    PASSWORD_HASH,
    add_event,
    add_user,
    book,
    in_days,
    start_event,
    value,
)

ERASE: LiteralString = "SELECT * FROM erase_user(%s, %s)"


def in_another(
    url: str, statement: LiteralString, *parameters: object
) -> Callable[[], str | list[dict[str, object]]]:
    """Return what runs a statement in a session of its own: its SQLSTATE if it fails, or rows."""

    def run() -> str | list[dict[str, object]]:
        with psycopg.connect(url, autocommit=True, row_factory=dict_row) as connection:
            try:
                return connection.execute(statement, parameters).fetchall()
            except psycopg.Error as error:
                return error.sqlstate or ""

    return run


def test_an_erasure_waits_for_a_booking_and_is_refused(
    database_url: str, db: psycopg.Connection
) -> None:
    raise_lock_timeout(db)
    user_id, event_id = add_user(db), add_event(db)
    with ThreadPoolExecutor() as threads, psycopg.connect(database_url) as booking:
        book(booking, user_id, event_id, 1)
        erased = threads.submit(in_another(database_url, ERASE, user_id, user_id))
        await_lock_waiters(db)
        booking.commit()

        assert erased.result() == "TK051"


def test_a_booking_waits_for_an_erasure_and_is_refused_alone(
    database_url: str, db: psycopg.Connection
) -> None:
    raise_lock_timeout(db)
    user_id, other, event_id = add_user(db), add_user(db), add_event(db)
    batch: LiteralString = (
        "SELECT error_code, (booking).user_id FROM book_tickets(ARRAY["
        "(%s, %s, 1, NULL, NULL, NULL), (%s, %s, 1, NULL, NULL, NULL)]::booking_request[])"
    )
    with ThreadPoolExecutor() as threads, psycopg.connect(database_url) as erasing:
        erasing.execute(ERASE, [user_id, user_id])
        booked = threads.submit(in_another(database_url, batch, user_id, event_id, other, event_id))
        await_lock_waiters(db)
        erasing.commit()

        assert booked.result() == [
            {"error_code": "TK053", "user_id": None},
            {"error_code": None, "user_id": other},
        ]


def test_a_booking_by_hand_waits_for_an_erasure_and_is_refused(
    database_url: str, db: psycopg.Connection
) -> None:
    user_id, event_id = add_user(db), add_event(db)
    by_hand: LiteralString = (
        "INSERT INTO bookings (user_id, event_id, quantity, unit_price, total_amount, booked_by)"
        " VALUES (%s, %s, 1, 20, 20, %s)"
    )
    with ThreadPoolExecutor() as threads, psycopg.connect(database_url) as erasing:
        erasing.execute(ERASE, [user_id, user_id])
        booked = threads.submit(in_another(database_url, by_hand, user_id, event_id, user_id))
        await_lock_waiters(db)
        erasing.commit()

        assert booked.result() == "23001"
    assert value(db, "SELECT count(*) FROM bookings") == 0


FAN_OUT: LiteralString = "SELECT fan_out_facts()"
ASK: LiteralString = "SELECT request_password_reset('zephyrine@quillfeather.example', '::1')"


@pytest.mark.parametrize("statement", (FAN_OUT, ASK), ids=("notices", "password reset"))
def test_what_is_written_for_a_user_waits_for_the_erasure_and_finds_nobody(
    database_url: str, db: psycopg.Connection, statement: LiteralString
) -> None:
    raise_lock_timeout(db)
    user_id = add_user(db, name=NAME, phone=PHONE, email=EMAIL, email_verified_at=in_days(-1))
    event_id = add_event(db)
    db.execute(
        "SELECT create_webhook_endpoint('https://a.example/', '{customer.notice}', NULL, NULL)"
    )
    db.execute("SELECT fan_out_facts()")
    book(db, user_id, event_id, 1)
    start_event(db, event_id)
    with ThreadPoolExecutor() as threads, psycopg.connect(database_url) as erasing:
        # What a concurrent erasure holds. The booking would be a newer fact than the horizon while
        # erase_user() itself is still running.
        erasing.execute("SELECT FROM users WHERE id = %s FOR UPDATE", [user_id])
        written = threads.submit(in_another(database_url, statement))
        await_lock_waiters(db)
        erasing.execute(ERASE, [user_id, user_id])
        erasing.commit()

        assert isinstance(written.result(), list)
    db.execute("DELETE FROM password_reset_requests")
    assert traces_in(dump(database_url)) == set()
    assert value(db, "SELECT count(*) FROM mails") == 0


def test_two_admins_who_erase_each_other_leave_one(
    database_url: str, db: psycopg.Connection
) -> None:
    raise_lock_timeout(db)
    one, two = (add_user(db, role="admin", password_hash=PASSWORD_HASH) for _ in range(2))
    with ThreadPoolExecutor() as threads, psycopg.connect(database_url) as erasing:
        erasing.execute(ERASE, [one, two])
        other = threads.submit(in_another(database_url, ERASE, two, one))
        await_lock_waiters(db)
        erasing.commit()

        # The actor is no admin any more, or the other one is the last.
        assert other.result() in {"TK020", "TK030"}
    assert value(db, "SELECT count(*) FROM users WHERE role = 'admin'") == 1


def test_an_erasure_that_is_killed_has_erased_nothing(
    database_url: str, db: psycopg.Connection
) -> None:
    person = add_known_person(db)
    before = dump(database_url, "--data-only")
    with psycopg.connect(database_url) as erasing:
        erasing.execute(ERASE, [person.id, person.other_admin])
        db.execute("SELECT pg_terminate_backend(%s, 60000)", [erasing.info.backend_pid])
        with pytest.raises(psycopg.OperationalError):
            erasing.execute("SELECT 1")

    def without_sequences(dumped: str) -> str:
        return "\n".join(
            line
            for line in dumped.splitlines()
            if "setval" not in line and not line.startswith(("\\restrict", "\\unrestrict"))
        )

    assert without_sequences(dump(database_url, "--data-only")) == without_sequences(before)

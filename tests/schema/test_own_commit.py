"""A call that finds its work done commits something all the same, and so waits for the standby."""

from collections.abc import Callable
from typing import LiteralString

import psycopg
import pytest

from app.local.paths import ROOT
from tests.support import event_edits
from tests.support.rows import add_booking, add_event, add_user, book, value

Statement = tuple[bytes | LiteralString, list[object]]


def replay(db: psycopg.Connection) -> Statement:
    user, event = add_user(db), add_event(db)
    book(db, user, event, 2, "key")
    return "SELECT book_tickets($1, $2, 2, 'key')", [user, event]


def cancel_again(db: psycopg.Connection) -> Statement:
    user = add_user(db)
    booking = add_booking(db, user, add_event(db))
    db.execute("SELECT cancel_booking(%s, %s)", [booking, user])
    return _query("cancel_booking"), [booking, user]


def edit_nothing(db: psycopg.Connection) -> Statement:
    return _query("update_event"), [add_event(db), event_edits.as_json({}), None, None]


def sign_out_again(db: psycopg.Connection) -> Statement:
    return _query("end_session"), [b"0" * 32]


def rename_to_the_same(db: psycopg.Connection) -> Statement:
    return _query("update_user"), [add_user(db), "Ada Lovelace", None, None]


def nothing_to_do(db: psycopg.Connection) -> Statement:
    return _query("stand_on_own_commit"), []


def _query(name: str) -> bytes:
    return (ROOT / "sql" / "queries" / f"{name}.sql").read_bytes()


@pytest.mark.parametrize(
    "call",
    (replay, cancel_again, edit_nothing, sign_out_again, rename_to_the_same, nothing_to_do),
)
def test_a_call_that_finds_its_work_done_commits_something(
    db: psycopg.Connection, call: Callable[[psycopg.Connection], Statement]
) -> None:
    statement, parameters = call(db)

    with db.transaction():
        psycopg.RawCursor(db).execute(statement, parameters)
        # Only a transaction with an id waits for the standby, and only if it has written WAL.
        assert value(db, "SELECT pg_current_xact_id_if_assigned() IS NOT NULL")


def test_a_refusal_commits_nothing(db: psycopg.Connection) -> None:
    user, event = add_user(db), add_event(db, capacity=1)
    arguments = ([user], [event], [2], ["key"], [user], [None])

    with db.transaction():
        psycopg.RawCursor(db).execute(_query("book_tickets"), arguments)
        assert value(db, "SELECT pg_current_xact_id_if_assigned() IS NULL")

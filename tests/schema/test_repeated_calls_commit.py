"""A repeated call commits something too, and so waits for the standby."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from app.data.queries import statement
from tests.support import event_edits
from tests.support.rows import add_booking, add_event, add_user, book, value

Statement = list[Any]  # the text and its arguments


def replay(db: psycopg.Connection) -> Statement:
    user, event = add_user(db), add_event(db)
    book(db, user, event, 2, "key")
    return ["SELECT book_tickets($1, $2, 2, 'key')", user, event]


def cancel_again(db: psycopg.Connection) -> Statement:
    user = add_user(db)
    booking = add_booking(db, user, add_event(db))
    db.execute("SELECT cancel_booking(%s, %s)", [booking, user])
    return statement("cancel_booking", booking_id=booking, actor_id=user)


def edit_nothing(db: psycopg.Connection) -> Statement:
    return statement(
        "update_event",
        event_id=add_event(db),
        fields=event_edits.as_json({}),
        expected_version=None,
        actor_id=None,
    )


def sign_out_again(db: psycopg.Connection) -> Statement:
    return statement("end_session", token_hash=b"0" * 32)


def end_an_ended_session(db: psycopg.Connection) -> Statement:
    return statement("end_own_session", session_id=0, user_id=add_user(db))


def end_the_other_sessions_again(db: psycopg.Connection) -> Statement:
    return statement("end_other_sessions", user_id=add_user(db), session_id=None)


def enable_again(db: psycopg.Connection) -> Statement:
    return statement("set_user_disabled", user_id=add_user(db), disabled=False, actor_id=None)


def give_the_same_role(db: psycopg.Connection) -> Statement:
    return statement("set_user_role", user_id=add_user(db), role="customer", actor_id=None)


def end_a_calendar_again(db: psycopg.Connection) -> Statement:
    return statement("end_calendar", user_id=add_user(db))


def rename_to_the_same(db: psycopg.Connection) -> Statement:
    return statement("update_user", user_id=add_user(db), name="Ada Lovelace", actor_id=None)


def rename_oneself_to_the_same(db: psycopg.Connection) -> Statement:
    user = add_user(db)
    name = value(db, "SELECT name FROM users WHERE id = %s", user)
    return statement("change_own_name", user_id=user, name=name)


def nothing_to_do(db: psycopg.Connection) -> Statement:
    return statement("wait_for_standby_at_commit")


@pytest.mark.parametrize(
    "call",
    (
        replay,
        cancel_again,
        edit_nothing,
        sign_out_again,
        end_an_ended_session,
        end_the_other_sessions_again,
        enable_again,
        give_the_same_role,
        end_a_calendar_again,
        rename_to_the_same,
        rename_oneself_to_the_same,
        nothing_to_do,
    ),
)
def test_a_repeated_call_commits_something(
    db: psycopg.Connection, call: Callable[[psycopg.Connection], Statement]
) -> None:
    sql, *arguments = call(db)

    with db.transaction():
        psycopg.RawCursor(db).execute(sql.encode(), arguments)
        # Only a transaction with an id that has written WAL waits for the standby.
        assert value(db, "SELECT pg_current_xact_id_if_assigned() IS NOT NULL")


def test_a_refusal_commits_nothing(db: psycopg.Connection) -> None:
    user, event = add_user(db), add_event(db, capacity=1)
    sql, *arguments = statement("book_tickets", requests=[(user, event, 2, "key", user, None)])

    with db.transaction():
        psycopg.RawCursor(db).execute(sql.encode(), arguments)
        assert value(db, "SELECT pg_current_xact_id_if_assigned() IS NULL")

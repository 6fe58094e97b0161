"""A session begins only with the user's current password."""

import threading

import psycopg
import pytest

from tests.support.locks import await_lock_waiters
from tests.support.rows import PASSWORD_HASH, add_user, rows, value

OTHER_HASH = PASSWORD_HASH[:-1] + "B"
END = "SELECT id FROM end_sign_in(%s, sha256(%s), %s, %s)"


@pytest.fixture
def user(db: psycopg.Connection) -> int:
    return add_user(db, phone="+4930111", password_hash=PASSWORD_HASH)


def begin(db: psycopg.Connection) -> int:
    attempt: int = value(db, "SELECT attempt_id FROM begin_sign_in('+4930111', '::1')")
    return attempt


def end(db: psycopg.Connection, attempt: int, token: bytes, user: int) -> bool:
    return rows(db, END, attempt, token, user, PASSWORD_HASH) != []


def change_password(db: psycopg.Connection, user: int) -> None:
    db.execute("SELECT update_user(%s, 'Ada', %s, NULL)", [user, OTHER_HASH])


def await_lock_waiter(url: str) -> None:
    # On another connection, because a transaction would see the same statistics again.
    with psycopg.connect(url, autocommit=True) as observer:
        await_lock_waiters(observer)


def counted(db: psycopg.Connection) -> tuple[int, int]:
    """Return how many sessions and failures there are."""
    sessions = value(db, "SELECT count(*) FROM sessions WHERE expires_at > now()")
    return sessions, value(db, "SELECT count(*) FROM sign_in_failures")


def test_a_right_password_begins_a_session_and_clears_the_attempt(
    db: psycopg.Connection, user: int
) -> None:
    assert end(db, begin(db), b"token", user)

    assert counted(db) == (1, 0)


def test_a_password_changed_during_sign_in_is_a_failure(db: psycopg.Connection, user: int) -> None:
    attempt = begin(db)
    change_password(db, user)

    assert not end(db, attempt, b"token", user)
    assert counted(db) == (0, 1)


def test_a_concurrent_password_change_waits_and_ends_the_session(
    db: psycopg.Connection, database_url: str, user: int
) -> None:
    attempt = begin(db)
    with psycopg.connect(database_url, autocommit=True) as admin:
        changing = threading.Thread(target=change_password, args=(admin, user))
        with db.transaction():
            assert end(db, attempt, b"token", user)
            changing.start()
            await_lock_waiter(database_url)
        changing.join()

    assert counted(db) == (0, 0)


def test_a_sign_in_during_a_password_change_waits_and_fails(
    db: psycopg.Connection, database_url: str, user: int
) -> None:
    attempt = begin(db)
    begun: list[bool] = []
    with psycopg.connect(database_url, autocommit=True) as other:
        ending = threading.Thread(target=lambda: begun.append(end(other, attempt, b"token", user)))
        with db.transaction():
            change_password(db, user)
            ending.start()
            await_lock_waiter(database_url)
        ending.join()

    assert begun == [False]
    assert counted(db) == (0, 1)


def test_two_sign_ins_at_once_remove_different_expired_sessions(
    db: psycopg.Connection, database_url: str, user: int
) -> None:
    db.execute(
        "INSERT INTO sessions (token_hash, user_id, created_at, expires_at)"
        " SELECT sha256(n::text::bytea), %s, now() - interval '2 days', now() - interval '1 day'"
        " FROM generate_series(1, 25) AS n",
        [user],
    )
    attempts = begin(db), begin(db)
    with psycopg.connect(database_url, autocommit=True) as other, db.transaction():
        assert end(db, attempts[0], b"one", user)
        assert end(other, attempts[1], b"two", user)

    assert value(db, "SELECT count(*) FROM sessions WHERE expires_at < now()") == 5

"""How long sessions last, how it is written that they are used, and how many a user has."""

from typing import Any, LiteralString

import psycopg
import pytest

from app.data.queries import statement
from tests.support.rows import PASSWORD_HASH, add_user, rows, value

ADD: LiteralString = (
    "INSERT INTO sessions (token_hash, user_id, created_at, last_seen_at, expires_at)"
    " VALUES (sha256(%s), %s, now() - %s::interval, now() - %s::interval,"
    " now() - %s::interval + interval '30 days') RETURNING id"
)


def add_session(
    db: psycopg.Connection, user_id: int, begun: str = "0", seen: str = "0", token: str = "token"
) -> int:
    """Insert a session that began and was last used so long ago."""
    session_id: int = value(db, ADD, token.encode(), user_id, begun, seen, begun)
    return session_id


def run(db: psycopg.Connection, name: str, **parameters: object) -> list[dict[str, Any]]:
    """Run a query of the API as the owner does."""
    sql, *arguments = statement(name, **parameters)
    with psycopg.RawCursor(db, row_factory=psycopg.rows.dict_row) as cursor:
        cursor.execute(sql.encode(), arguments)
        return cursor.fetchall() if cursor.description else []


def found(db: psycopg.Connection, token: str = "token") -> list[dict[str, Any]]:
    token_hash = value(db, "SELECT sha256(%s)", token.encode())
    return run(db, "find_sessions", token_hashes=[token_hash])


@pytest.mark.parametrize(
    ("role", "begun", "seen", "is_valid"),
    (
        ("customer", "29 days 23:59", "0", True),
        ("customer", "30 days", "0", False),
        ("customer", "20 days", "13 days 23:59", True),
        ("customer", "20 days", "14 days", False),
        ("admin", "11:59", "0", True),
        ("admin", "12:00", "0", False),
        ("admin", "2:00", "0:59", True),
        ("admin", "2:00", "1:00", False),
    ),
)
def test_a_session_ends_at_a_fixed_time_and_when_it_is_not_used(
    rolled_back: psycopg.Connection, role: str, begun: str, seen: str, is_valid: bool
) -> None:
    user_id = add_user(rolled_back, role=role)
    add_session(rolled_back, user_id, begun, seen)

    assert bool(found(rolled_back)) is is_valid
    assert bool(run(rolled_back, "list_sessions", user_id=user_id)) is is_valid


def test_the_limits_are_those_of_the_role_that_the_user_has_now(
    rolled_back: psycopg.Connection,
) -> None:
    user_id = add_user(rolled_back)
    add_session(rolled_back, user_id, "13:00")
    assert found(rolled_back)

    rolled_back.execute("UPDATE users SET role = 'admin' WHERE id = %s", [user_id])

    assert not found(rolled_back)


def test_the_session_of_a_disabled_user_is_not_found(rolled_back: psycopg.Connection) -> None:
    user_id = add_user(rolled_back)
    add_session(rolled_back, user_id)

    rolled_back.execute("UPDATE users SET disabled_at = now() WHERE id = %s", [user_id])

    assert not found(rolled_back)


@pytest.mark.parametrize(("seen", "is_due"), (("4:59", False), ("5:01", True)))
def test_a_use_is_written_at_most_every_five_minutes(
    rolled_back: psycopg.Connection, seen: str, is_due: bool
) -> None:
    session_id = add_session(rolled_back, add_user(rolled_back), "1:00", f"0:0{seen}")
    (session,) = found(rolled_back)
    assert session["seen_long_ago"] is is_due

    run(rolled_back, "mark_sessions_seen", session_ids=[session_id, session_id, 0])

    assert value(rolled_back, "SELECT last_seen_at = now() FROM sessions") is is_due


def test_a_mark_does_not_wait_for_a_session_that_is_being_ended(
    db: psycopg.Connection, database_url: str
) -> None:
    user_id = add_user(db)
    ended, used = (add_session(db, user_id, "1:00", "0:10", token) for token in ("ended", "used"))
    with psycopg.connect(database_url) as other:
        other.execute("DELETE FROM sessions WHERE id = %s", [ended])
        db.execute("SET lock_timeout = '1s'")
        run(db, "mark_sessions_seen", session_ids=[ended, used])

    assert value(db, "SELECT last_seen_at > now() - interval '1 minute' FROM sessions") is True


@pytest.mark.parametrize(("role", "lasts"), (("customer", 30 * 86_400), ("admin", 12 * 3600)))
def test_a_sign_in_says_how_long_the_session_lasts_and_where_it_began(
    rolled_back: psycopg.Connection, role: str, lasts: int
) -> None:
    user_id = add_user(rolled_back, role=role, password_hash=PASSWORD_HASH)

    (begun,) = run(
        rolled_back,
        "end_sign_in",
        attempt_id=0,
        token_hash=b"0" * 32,
        user_id=user_id,
        password_hash=PASSWORD_HASH,
        address="2001:db8:1:2:3::7",
        browser="Firefox on Android",
    )

    assert begun["lasts_seconds"] == lasts
    (session,) = rows(
        rolled_back,
        "SELECT expires_at, extract(epoch FROM expires_at - created_at)::integer AS lasts,"
        " abbrev(network) AS network, browser FROM sessions",
    )
    assert session == {
        "expires_at": begun["expires_at"],
        "lasts": lasts,
        "network": "2001:db8:1:2::/64",
        "browser": "Firefox on Android",
    }


def test_a_user_has_at_most_a_hundred_sessions(rolled_back: psycopg.Connection) -> None:
    user_id, other_id = add_user(rolled_back), add_user(rolled_back)
    add_session(rolled_back, other_id, "10 days", "10 days", "of another")
    for number in range(100):
        add_session(rolled_back, user_id, "1 day", f"{number} minutes", f"token {number}")

    for token in (b"one", b"two"):
        rolled_back.execute(
            "SELECT begin_session(%s, 'customer', sha256(%s), NULL, NULL)", [user_id, token]
        )

    assert value(rolled_back, "SELECT count(*) FROM sessions WHERE user_id = %s", user_id) == 100
    # Those that were used least recently have ended.
    assert [bool(found(rolled_back, f"token {number}")) for number in (97, 98, 99)] == [
        True,
        False,
        False,
    ]
    assert found(rolled_back, "of another")


def test_a_user_ends_own_sessions_only(rolled_back: psycopg.Connection) -> None:
    user_id, other_id = add_user(rolled_back), add_user(rolled_back)
    first, second = (add_session(rolled_back, user_id, token=token) for token in ("a", "b"))
    of_other = add_session(rolled_back, other_id, token="c")

    def end(session_id: int) -> bool:
        (answer,) = run(rolled_back, "end_own_session", session_id=session_id, user_id=user_id)
        return bool(answer["ended"])

    assert not end(of_other)
    run(rolled_back, "end_other_sessions", session_id=first, user_id=user_id)
    left = "SELECT array_agg(id ORDER BY id) FROM sessions"
    assert value(rolled_back, left) == [first, of_other]
    assert [end(second), end(first)] == [False, True]
    assert value(rolled_back, left) == [of_other]


def test_api_processes_of_the_release_before_still_sign_people_in(
    rolled_back: psycopg.Connection,
) -> None:
    user_id = add_user(rolled_back, password_hash=PASSWORD_HASH)

    (user,) = rows(
        rolled_back, "SELECT * FROM end_sign_in(0, sha256('a'), %s, %s)", user_id, PASSWORD_HASH
    )

    assert list(user) == ["id", "name", "phone", "role", "created_at", "expires_at"]
    assert value(rolled_back, "SELECT user_id FROM sessions") == user_id

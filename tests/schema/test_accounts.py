"""Accounts are disabled, promoted and demoted; the last admin who can sign in stays."""

from concurrent.futures import ThreadPoolExecutor
from typing import LiteralString

import psycopg
import pytest

from tests.support.locks import await_lock_waiters, raise_lock_timeout
from tests.support.refusals import problem
from tests.support.rows import PASSWORD_HASH, add_user, rows, value

DISABLE: LiteralString = "SELECT * FROM set_user_disabled(%s, %s, %s)"
SET_ROLE: LiteralString = "SELECT * FROM set_user_role(%s, %s, %s)"
ERASE: LiteralString = (
    "UPDATE users SET name = 'Erased', phone = NULL, email = NULL, email_verified_at = NULL,"
    " password_hash = NULL, role = 'customer', erased_at = now() WHERE id = %s"
)
LAST_ADMIN: tuple[str, object] = ("TK030", {})


def add_admin(db: psycopg.Connection, **columns: object) -> int:
    return add_user(db, **{"role": "admin", "password_hash": PASSWORD_HASH, **columns})


def add_session(db: psycopg.Connection, user_id: int) -> None:
    db.execute(
        "INSERT INTO sessions (token_hash, user_id) VALUES (sha256(%s::text::bytea), %s)",
        [user_id, user_id],
    )


def signed_in(db: psycopg.Connection) -> list[int]:
    ids: list[int] = value(
        db, "SELECT coalesce(array_agg(user_id ORDER BY user_id), '{}') FROM sessions"
    )
    return ids


def logged(db: psycopg.Connection) -> list[tuple[object, ...]]:
    return db.execute(
        "SELECT actor_id, action, user_id, detail FROM activity ORDER BY id"
    ).fetchall()


def test_a_disabled_user_is_signed_out_and_cannot_sign_in(
    rolled_back: psycopg.Connection,
) -> None:
    admin_id = add_admin(rolled_back)
    user_id = add_user(rolled_back, phone="+4930111", password_hash=PASSWORD_HASH)
    add_session(rolled_back, admin_id)
    add_session(rolled_back, user_id)

    (disabled,) = rows(rolled_back, DISABLE, user_id, True, admin_id)

    assert [disabled] == rows(rolled_back, "SELECT * FROM users WHERE id = %s", user_id)
    assert disabled["disabled_at"] is not None
    assert signed_in(rolled_back) == [admin_id]
    sign_in: LiteralString = "SELECT user_id, password_hash FROM begin_sign_in('+4930111', '::1')"
    assert rows(rolled_back, sign_in) == [{"user_id": None, "password_hash": None}]
    # Nor when the password was verified before.
    end: LiteralString = "SELECT * FROM end_sign_in(0, sha256('a'), %s, %s, NULL, NULL)"
    assert rows(rolled_back, end, user_id, PASSWORD_HASH) == []
    (customer,) = rows(rolled_back, "SELECT * FROM customers WHERE user_id = %s", user_id)
    assert customer["can_sign_in"] is False

    (enabled,) = rows(rolled_back, DISABLE, user_id, False, admin_id)

    assert enabled["disabled_at"] is None
    assert value(rolled_back, "SELECT user_id FROM begin_sign_in('+4930111', '::1')") == user_id
    # Neither names nor phones.
    assert logged(rolled_back) == [
        (
            admin_id,
            "user-changed",
            user_id,
            {"was": {"disabled": was}, "became": {"disabled": not was}},
        )
        for was in (False, True)
    ]


@pytest.mark.parametrize(("was", "becomes"), (("customer", "admin"), ("admin", "customer")))
def test_a_new_role_ends_the_sessions_and_is_logged(
    rolled_back: psycopg.Connection, was: str, becomes: str
) -> None:
    admin_id = add_admin(rolled_back)
    user_id = add_user(rolled_back, role=was, password_hash=PASSWORD_HASH)
    add_session(rolled_back, admin_id)
    add_session(rolled_back, user_id)

    (changed,) = rows(rolled_back, SET_ROLE, user_id, becomes, admin_id)

    assert changed["role"] == becomes
    assert signed_in(rolled_back) == [admin_id]
    assert logged(rolled_back) == [
        (
            admin_id,
            "user-changed",
            user_id,
            {"was": {"role": was}, "became": {"role": becomes}},
        )
    ]


def test_repeating_a_change_ends_no_session_and_is_not_logged(
    rolled_back: psycopg.Connection,
) -> None:
    admin_id, user_id = add_admin(rolled_back), add_user(rolled_back)
    add_session(rolled_back, user_id)

    rolled_back.execute(DISABLE, [user_id, False, admin_id])
    rolled_back.execute(SET_ROLE, [user_id, "customer", admin_id])

    assert signed_in(rolled_back) == [user_id]
    assert logged(rolled_back) == []


def test_an_admin_signs_a_user_out_everywhere(rolled_back: psycopg.Connection) -> None:
    admin_id, user_id = add_admin(rolled_back), add_user(rolled_back)
    add_session(rolled_back, admin_id)
    add_session(rolled_back, user_id)

    rolled_back.execute("SELECT end_user_sessions(%s, %s)", [user_id, admin_id])

    assert signed_in(rolled_back) == [admin_id]
    assert logged(rolled_back) == [(admin_id, "user-changed", user_id, {"signed_out": True})]


@pytest.mark.parametrize(
    "statement",
    (
        "SELECT set_user_disabled(%s, true, %s)",
        "SELECT set_user_role(%s, 'admin', %s)",
        "SELECT end_user_sessions(%s, %s)",
    ),
)
def test_only_an_admin_changes_accounts(
    rolled_back: psycopg.Connection, statement: LiteralString
) -> None:
    admin_id, user_id = add_admin(rolled_back), add_user(rolled_back)

    for actor_id in (user_id, 0):
        assert problem(rolled_back, statement, user_id, actor_id) == ("TK020", {})
    assert problem(rolled_back, statement, 0, admin_id) == ("TK008", {})
    rolled_back.execute(statement, [user_id, admin_id])


def test_an_erased_user_is_unknown(rolled_back: psycopg.Connection) -> None:
    user_id = add_user(rolled_back)
    rolled_back.execute(ERASE, [user_id])

    assert problem(rolled_back, DISABLE, user_id, True, None) == ("TK008", {})
    assert problem(rolled_back, SET_ROLE, user_id, "admin", None) == ("TK008", {})


NO_LONGER_AN_ADMIN: list[LiteralString] = [
    "SELECT set_user_role(%s, 'customer', NULL)",
    "SELECT set_user_disabled(%s, true, NULL)",
    "UPDATE users SET role = 'customer' WHERE id = %s",
    "UPDATE users SET disabled_at = now() WHERE id = %s",
    "UPDATE users SET phone_lost_at = now() WHERE id = %s",
    "UPDATE users SET password_hash = NULL WHERE id = %s",
    ERASE,
    "DELETE FROM users WHERE id = %s",
]


@pytest.mark.parametrize("statement", NO_LONGER_AN_ADMIN)
def test_the_last_admin_who_can_sign_in_stays(
    rolled_back: psycopg.Connection, statement: LiteralString
) -> None:
    admin_id = add_admin(rolled_back)
    # None of these could take over.
    add_admin(rolled_back, password_hash=None)
    add_admin(rolled_back, disabled_at="2026-01-01")
    add_admin(rolled_back, phone_lost_at="2026-01-01")
    add_user(rolled_back, password_hash=PASSWORD_HASH)

    assert problem(rolled_back, statement, admin_id) == LAST_ADMIN

    add_admin(rolled_back)
    rolled_back.execute(statement, [admin_id])
    assert value(rolled_back, "SELECT count(*) FROM users WHERE role = 'admin'") >= 3


def test_an_admin_with_a_verified_mail_address_may_lose_the_number(
    rolled_back: psycopg.Connection,
) -> None:
    admin_id = add_admin(rolled_back, email="ada@example.org", email_verified_at="2026-01-01")
    rolled_back.execute("UPDATE users SET phone_lost_at = now() WHERE id = %s", [admin_id])

    assert (
        problem(rolled_back, "UPDATE users SET email_verified_at = NULL WHERE id = %s", admin_id)
        == LAST_ADMIN
    )


def test_admins_are_not_demoted_together(rolled_back: psycopg.Connection) -> None:
    add_admin(rolled_back)
    add_admin(rolled_back)

    assert problem(rolled_back, "UPDATE users SET role = 'customer'") == LAST_ADMIN


def test_an_admin_who_cannot_sign_in_is_demoted_without_another(
    rolled_back: psycopg.Connection,
) -> None:
    admin_id = add_admin(rolled_back, password_hash=None)

    assert rows(rolled_back, SET_ROLE, admin_id, "customer", None)


def test_a_temporary_table_of_the_same_name_is_no_admin(rolled_back: psycopg.Connection) -> None:
    admin_id = add_admin(rolled_back)
    rolled_back.execute(
        "CREATE TEMPORARY TABLE users (role, password_hash, disabled_at, erased_at, phone_lost_at)"
        " AS SELECT 'admin', 'hash', NULL::date, NULL::date, NULL::date"
    )

    demotion: LiteralString = "UPDATE public.users SET role = 'customer' WHERE id = %s"
    assert problem(rolled_back, demotion, admin_id) == LAST_ADMIN


def test_of_two_admins_who_demote_each_other_one_stays(
    db: psycopg.Connection, database_url: str
) -> None:
    first, second = add_admin(db), add_admin(db)
    raise_lock_timeout(db)
    with (
        psycopg.connect(database_url, autocommit=True) as other,
        psycopg.connect(database_url, autocommit=True) as observer,
        ThreadPoolExecutor(1) as pool,
    ):
        with db.transaction():
            db.execute(SET_ROLE, [second, "customer", first])
            later = pool.submit(problem, other, SET_ROLE, first, "customer", second)
            await_lock_waiters(observer)
        # The second is no admin any longer when its turn comes.
        assert later.result(timeout=20) == ("TK020", {})

    assert rows(db, "SELECT id FROM users WHERE role = 'admin'") == [{"id": first}]


def test_of_two_demotions_in_psql_one_waits_for_the_other(
    db: psycopg.Connection, database_url: str
) -> None:
    first, second = add_admin(db), add_admin(db)
    demotion: LiteralString = "UPDATE users SET role = 'customer' WHERE id = %s"
    with (
        psycopg.connect(database_url, autocommit=True) as other,
        psycopg.connect(database_url, autocommit=True) as observer,
        ThreadPoolExecutor(1) as pool,
    ):
        with db.transaction():
            db.execute(demotion, [second])
            later = pool.submit(problem, other, demotion, first)
            await_lock_waiters(observer)
        assert later.result(timeout=20) == LAST_ADMIN

    assert rows(db, "SELECT id FROM users WHERE role = 'admin'") == [{"id": first}]


def test_the_command_for_the_first_admin_lets_a_disabled_admin_in_again(
    rolled_back: psycopg.Connection,
) -> None:
    add_admin(rolled_back)
    user_id = add_admin(rolled_back, phone="+4930222", disabled_at="2026-01-01")

    rolled_back.execute("SELECT make_admin('Ada', '+4930222', %s)", [PASSWORD_HASH])

    assert value(rolled_back, "SELECT disabled_at FROM users WHERE id = %s", user_id) is None

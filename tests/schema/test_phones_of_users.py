"""The phone of a user as an admin gives it, or as the user changes it without a code."""

from concurrent.futures import ThreadPoolExecutor
from typing import LiteralString

import psycopg

from tests.schema.test_facts import add_endpoint
from tests.schema.test_phone_codes import PHONE, user
from tests.support.locks import await_lock_waiters, raise_lock_timeout
from tests.support.refusals import error_of, problem
from tests.support.rows import add_booking, add_event, add_user, rows, value

SET_PHONE: LiteralString = "SELECT * FROM set_user_phone(%s, %s, %s, %s, %s)"


def test_an_admin_says_that_a_number_is_its_users(rolled_back: psycopg.Connection) -> None:
    db = rolled_back
    admin_id, user_id = add_user(db, role="admin"), add_user(db, phone=PHONE)

    (given,) = rows(db, SET_PHONE, user_id, PHONE, True, False, admin_id)

    assert given["phone_verified_at"] is not None
    (logged,) = rows(db, "SELECT actor_id, user_id, action::text, detail FROM activity")
    assert logged == {
        "actor_id": admin_id,
        "user_id": user_id,
        "action": "user-changed",
        "detail": {"new_phone": False, "phone_verified": True},
    }
    assert problem(db, SET_PHONE, user_id, PHONE, True, False, user_id)[0] == "TK020"
    assert problem(db, SET_PHONE, 0, "+4930111111", True, False, admin_id)[0] == "TK008"


def test_an_admin_gives_a_user_a_number_that_another_has(rolled_back: psycopg.Connection) -> None:
    db = rolled_back
    admin_id, former, user_id = add_user(db, role="admin"), add_user(db, phone=PHONE), add_user(db)

    refusal = error_of(db, SET_PHONE, user_id, PHONE, True, False, admin_id)
    assert refusal.constraint_name == "users_phone_unique"

    db.execute(SET_PHONE, [user_id, PHONE, True, True, admin_id])

    assert user(db, former)["phone_lost_at"] is not None
    assert user(db, user_id)["phone"] == PHONE
    # The user who has lost the number gets a new one.
    db.execute(SET_PHONE, [former, "+4930111111", False, False, admin_id])
    assert user(db, former)["phone_lost_at"] is None


def test_two_users_who_take_each_others_numbers_at_once_do_not_block_each_other(
    database_url: str, db: psycopg.Connection
) -> None:
    raise_lock_timeout(db)
    one, other = add_user(db, phone=PHONE), add_user(db, phone="+4930111111")

    def swap() -> None:
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute(SET_PHONE, [one, "+4930111111", True, True, None])

    with ThreadPoolExecutor() as threads, psycopg.connect(database_url) as connection:
        connection.execute(SET_PHONE, [other, PHONE, True, True, None])
        answer = threads.submit(swap)
        await_lock_waiters(db)
        connection.commit()
        answer.result()

    assert user(db, one)["phone_lost_at"] is None
    assert user(db, other)["phone_lost_at"] is None


def test_an_own_number_is_changed_without_a_code_only_where_none_is_sent(
    rolled_back: psycopg.Connection,
) -> None:
    db = rolled_back
    user_id = add_user(db)
    db.execute("UPDATE users SET phone_verified_at = now()")

    db.execute("SELECT change_own_phone(%s, %s)", [user_id, PHONE])

    changed = user(db, user_id)
    assert (changed["phone"], changed["phone_verified_at"]) == (PHONE, None)
    add_endpoint(db, types=["phone.code"])
    assert problem(db, "SELECT change_own_phone(%s, '+4930111111')", user_id)[0] == "TK020"


def test_a_lost_number_gets_no_text_messages(rolled_back: psycopg.Connection) -> None:
    db = rolled_back
    add_endpoint(db, types=["customer.notice"])
    user_id, event_id = add_user(db, phone=PHONE), add_event(db)
    add_booking(db, user_id, event_id)
    db.execute("SELECT write_notices(ARRAY(SELECT facts FROM facts WHERE source = 'booking'))")
    assert value(db, "SELECT count(*) FROM webhook_deliveries") == 1

    db.execute("UPDATE users SET phone_lost_at = now()")
    add_booking(db, user_id, event_id)
    db.execute("SELECT write_notices(ARRAY(SELECT facts FROM facts WHERE source = 'booking'))")

    assert value(db, "SELECT count(*) FROM notices") == 2
    assert value(db, "SELECT count(*) FROM webhook_deliveries") == 1

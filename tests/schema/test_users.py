"""create_user, update_user, and begin_sign_in with its limits."""

from concurrent.futures import ThreadPoolExecutor
from typing import LiteralString

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support.locks import await_lock_waiters, raise_lock_timeout
from tests.support.refusals import error_of, problem, seconds_left
from tests.support.rows import PASSWORD_HASH, add_event, add_user, book, rows, value

CREATE: LiteralString = "SELECT * FROM create_user(%s, %s)"
SIGN_IN: LiteralString = "SELECT * FROM begin_sign_in(%s, %s)"
SIGN_UP: LiteralString = "SELECT begin_sign_up(%s)"
PHONE = "+4915112345678"
HOME = "192.0.2.1"


def test_a_created_user_is_logged_without_phone_and_password(
    rolled_back: psycopg.Connection,
) -> None:
    admin_id = add_user(rolled_back, role="admin")

    fields = {"name": "Grace", "phone": PHONE, "role": "admin", "password_hash": PASSWORD_HASH}
    (created,) = rows(rolled_back, CREATE, Jsonb(fields), admin_id)

    user_id = created["id"]
    (user,) = rows(rolled_back, "SELECT * FROM users WHERE id = %s", user_id)
    assert created == user
    assert {name: user[name] for name in fields} == fields
    (entry,) = rows(rolled_back, "SELECT * FROM activity")
    assert (entry["action"], entry["user_id"], entry["actor_id"], entry["detail"]) == (
        "user-created",
        user_id,
        admin_id,
        {"role": "admin"},
    )


def test_a_phone_is_unique(rolled_back: psycopg.Connection) -> None:
    add_user(rolled_back, phone=PHONE)

    fields = {"name": "Grace", "phone": PHONE, "role": "customer"}
    refusal = error_of(rolled_back, CREATE, Jsonb(fields), None)

    assert refusal.constraint_name == "users_phone_unique"


def test_a_changed_name_is_logged_and_signs_nobody_out(rolled_back: psycopg.Connection) -> None:
    admin_id, user_id = add_user(rolled_back, role="admin"), add_user(rolled_back, name="Grace")
    rolled_back.execute(
        "INSERT INTO sessions (token_hash, user_id) VALUES (sha256('a'), %s)", [user_id]
    )

    (changed,) = rows(
        rolled_back, "SELECT * FROM update_user(%s, 'Grace Hopper', NULL, %s)", user_id, admin_id
    )

    assert [changed] == rows(rolled_back, "SELECT * FROM users WHERE id = %s", user_id)
    assert changed["name"] == "Grace Hopper"
    (entry,) = rows(rolled_back, "SELECT * FROM activity")
    assert (entry["action"], entry["user_id"], entry["detail"]) == (
        "user-changed",
        user_id,
        {"new_name": True, "new_password": False},
    )
    assert value(rolled_back, "SELECT count(*) FROM sessions") == 1


def test_a_new_password_ends_the_users_sessions_only(rolled_back: psycopg.Connection) -> None:
    user_id, other_id = add_user(rolled_back), add_user(rolled_back)
    rolled_back.execute(
        "INSERT INTO sessions (token_hash, user_id)"
        " VALUES (sha256('a'), %(user)s), (sha256('b'), %(user)s), (sha256('c'), %(other)s)",
        {"user": user_id, "other": other_id},
    )

    rolled_back.execute("SELECT update_user(%s, 'Ada', %s, NULL)", [user_id, PASSWORD_HASH])

    assert value(rolled_back, "SELECT array_agg(user_id) FROM sessions") == [other_id]
    assert PASSWORD_HASH not in str(rows(rolled_back, "SELECT * FROM activity"))


def test_a_change_of_role_is_logged(rolled_back: psycopg.Connection) -> None:
    make = f"SELECT make_admin('Ada', '{PHONE}', '{PASSWORD_HASH}')"
    rolled_back.execute(make)
    rolled_back.execute(make)

    created, changed = rows(rolled_back, "SELECT action, detail FROM activity ORDER BY id")
    assert created == {"action": "user-created", "detail": {"role": "admin"}}
    assert (changed["action"], changed["detail"]["new_password"]) == ("user-changed", True)


@pytest.mark.parametrize(
    "statement",
    (
        ("""SELECT create_user('{"name": "Eve", "phone": "+4930999999", "role": "admin"}', %s)"""),
        "SELECT update_user(id, 'Eve', NULL, %s) FROM users WHERE role = 'admin'",
    ),
)
def test_only_an_admin_creates_and_changes_users(
    rolled_back: psycopg.Connection, statement: LiteralString
) -> None:
    admin_id, customer_id = add_user(rolled_back, role="admin"), add_user(rolled_back)

    for actor_id in (customer_id, 0):
        assert problem(rolled_back, statement, actor_id) == ("TK020", {})
    rolled_back.execute(statement, [admin_id])


def test_anyone_who_signs_up_is_a_customer(rolled_back: psycopg.Connection) -> None:
    (user,) = rows(rolled_back, "SELECT * FROM sign_up('Grace', %s, %s)", PHONE, PASSWORD_HASH)

    assert (user["name"], user["phone"], user["role"]) == ("Grace", PHONE, "customer")
    refusal = error_of(rolled_back, "SELECT sign_up('Grace', %s, %s)", PHONE, PASSWORD_HASH)
    assert refusal.constraint_name == "users_phone_unique"


def test_a_rehash_does_not_undo_a_new_password(rolled_back: psycopg.Connection) -> None:
    user_id = add_user(rolled_back, password_hash=PASSWORD_HASH)
    newer, changed = f"{PASSWORD_HASH}x", f"{PASSWORD_HASH}y"

    rolled_back.execute("SELECT rehash_password(%s, %s, %s)", [user_id, PASSWORD_HASH, newer])
    assert value(rolled_back, "SELECT password_hash FROM users") == newer
    rolled_back.execute("UPDATE users SET password_hash = %s", [changed])
    rolled_back.execute("SELECT rehash_password(%s, %s, %s)", [user_id, newer, PASSWORD_HASH])
    assert value(rolled_back, "SELECT password_hash FROM users") == changed


def test_an_unknown_user_is_refused(rolled_back: psycopg.Connection) -> None:
    assert problem(rolled_back, "SELECT update_user(0, 'Ada', NULL, NULL)") == ("TK008", {})


def test_an_attempt_is_a_failure_until_it_succeeds(rolled_back: psycopg.Connection) -> None:
    user_id = add_user(rolled_back, phone=PHONE, password_hash=PASSWORD_HASH)

    (attempt,) = rows(rolled_back, SIGN_IN, PHONE, HOME)

    assert (attempt["user_id"], attempt["password_hash"]) == (user_id, PASSWORD_HASH)
    failures = rows(rolled_back, "SELECT id, phone, host(address) AS address FROM sign_in_failures")
    assert failures == [{"id": attempt["attempt_id"], "phone": PHONE, "address": HOME}]


def test_an_unknown_phone_is_counted_and_answered_like_a_known_one(
    rolled_back: psycopg.Connection,
) -> None:
    (attempt,) = rows(rolled_back, SIGN_IN, PHONE, HOME)

    assert (attempt["user_id"], attempt["password_hash"]) == (None, None)
    assert value(rolled_back, "SELECT count(*) FROM sign_in_failures") == 1


def fail(
    db: psycopg.Connection, count: int, phone: str | None, ago: str, address: str = HOME
) -> None:
    """Insert failures; without a phone, each for another phone."""
    db.execute(
        "INSERT INTO sign_in_failures (phone, address, at)"
        " SELECT coalesce(%s, '+49152' || 100000 + n), %s, now() - %s::interval"
        " FROM generate_series(1, %s) AS n",
        [phone, address, ago, count],
    )


def test_the_eleventh_attempt_for_a_phone_is_refused(rolled_back: psycopg.Connection) -> None:
    fail(rolled_back, 9, PHONE, "5 minutes")
    rolled_back.execute(SIGN_IN, [PHONE, HOME])

    assert problem(rolled_back, SIGN_IN, PHONE, HOME) == (
        "TK019",
        {"retry_after": seconds_left(600)},
    )
    # Another phone from there, and this phone from another address, may still try.
    rolled_back.execute(SIGN_IN, ["+4930111111", HOME])
    rolled_back.execute(SIGN_IN, [PHONE, "2001:db8::1"])


def test_an_attempt_that_waited_for_others_is_told_the_time_that_is_left(
    db: psycopg.Connection, database_url: str
) -> None:
    with psycopg.connect(database_url) as late:
        late.execute("SELECT now()")
        for _ in range(10):
            db.execute(SIGN_IN, [PHONE, HOME])

        name, facts = problem(late, SIGN_IN, PHONE, HOME)
    assert (name, facts["retry_after"] <= 900) == ("TK019", True)


def test_the_101st_attempt_from_an_address_is_refused(
    rolled_back: psycopg.Connection,
) -> None:
    fail(rolled_back, 99, None, "14 minutes")
    rolled_back.execute(SIGN_IN, [PHONE, HOME])

    assert problem(rolled_back, SIGN_IN, "+4930111111", HOME) == (
        "TK019",
        {"retry_after": seconds_left(60)},
    )
    rolled_back.execute(SIGN_IN, [PHONE, "192.0.2.2"])


def test_all_addresses_of_an_ipv6_network_count_together(rolled_back: psycopg.Connection) -> None:
    for number in range(10):
        rolled_back.execute(SIGN_IN, [PHONE, f"2001:db8:1:2::{number + 1:x}"])

    assert problem(rolled_back, SIGN_IN, PHONE, "2001:db8:1:2:ffff::1")[0] == "TK019"
    rolled_back.execute(SIGN_IN, [PHONE, "2001:db8:1:3::1"])


def test_the_101st_sign_up_from_a_network_is_refused(rolled_back: psycopg.Connection) -> None:
    rolled_back.execute(
        "INSERT INTO sign_ups (network, at) SELECT '2001:db8:1:2::/64', now() - interval '14 min'"
        " FROM generate_series(1, 99)"
    )
    rolled_back.execute(SIGN_UP, ["2001:db8:1:2::1"])

    assert problem(rolled_back, SIGN_UP, "2001:db8:1:2::2") == (
        "TK019",
        {"retry_after": seconds_left(60)},
    )
    rolled_back.execute(SIGN_UP, ["2001:db8:1:3::1"])
    assert value(rolled_back, "SELECT count(*) FROM sign_ups") == 101


def test_sign_ups_are_forgotten_after_fifteen_minutes(rolled_back: psycopg.Connection) -> None:
    rolled_back.execute(
        "INSERT INTO sign_ups (network, at)"
        " SELECT '192.0.2.1', now() - interval '15 minutes 1 second' FROM generate_series(1, 100)"
    )
    rolled_back.execute(SIGN_UP, ["192.0.2.1"])

    assert value(rolled_back, "SELECT count(*) FROM sign_ups") == 1


def test_a_refused_attempt_is_not_counted(rolled_back: psycopg.Connection) -> None:
    fail(rolled_back, 10, PHONE, "1 minute")

    assert problem(rolled_back, SIGN_IN, PHONE, HOME)[0] == "TK019"

    assert value(rolled_back, "SELECT count(*) FROM sign_in_failures") == 10


def test_failures_from_a_network_are_ignored_after_fifteen_minutes(
    rolled_back: psycopg.Connection,
) -> None:
    fail(rolled_back, 49, PHONE, "15 minutes 1 second")

    rolled_back.execute(SIGN_IN, [PHONE, HOME])


def test_failures_are_deleted_after_an_hour(
    rolled_back: psycopg.Connection,
) -> None:
    fail(rolled_back, 50, PHONE, "1 hour 1 second")

    rolled_back.execute(SIGN_IN, [PHONE, HOME])

    assert value(rolled_back, "SELECT count(*) FROM sign_in_failures") == 1


def test_a_limited_number_of_old_failures_is_deleted(rolled_back: psycopg.Connection) -> None:
    fail(rolled_back, 250, None, "1 hour 1 second")

    rolled_back.execute(SIGN_IN, [PHONE, HOME])

    assert value(rolled_back, "SELECT count(*) FROM sign_in_failures") == 151


def test_concurrent_attempts_count_each_other(database_url: str, db: psycopg.Connection) -> None:
    raise_lock_timeout(db)
    fail(db, 9, PHONE, "1 minute")

    def guess() -> str | None:
        with psycopg.connect(database_url, autocommit=True) as connection:
            return problem(connection, SIGN_IN, PHONE, HOME)[0]

    with ThreadPoolExecutor() as threads, psycopg.connect(database_url) as tenth:
        tenth.execute(SIGN_IN, [PHONE, HOME])
        eleventh = threads.submit(guess)
        await_lock_waiters(db)
        tenth.commit()

        assert eleventh.result() == "TK019"


def test_an_idempotency_key_never_blocks_a_sign_in(
    database_url: str, db: psycopg.Connection
) -> None:
    user_id, event_id = 19, add_event(db)
    db.execute(
        "INSERT INTO users (id, name, phone) OVERRIDING SYSTEM VALUE VALUES (%s, 'Ada', %s)",
        [user_id, PHONE],
    )
    with psycopg.connect(database_url) as booking:
        book(booking, user_id, event_id, 1, HOME)

        # Its transaction still holds the lock of its key.
        assert rows(db, SIGN_IN, PHONE, HOME)[0]["user_id"] == user_id
        booking.rollback()


def test_waiting_for_other_attempts_times_out(database_url: str, db: psycopg.Connection) -> None:
    with psycopg.connect(database_url) as other:
        other.execute(SIGN_IN, [PHONE, HOME])

        assert error_of(db, SIGN_IN, PHONE, HOME).sqlstate == "55P03"
        other.rollback()


@pytest.mark.parametrize(("phones", "allowed"), ((1, 10), (30, 100)))
def test_concurrent_attempts_are_counted_exactly(
    database_url: str, db: psycopg.Connection, phones: int, allowed: int
) -> None:
    raise_lock_timeout(db)

    def guess(number: int) -> list[str]:
        outcomes = []
        with psycopg.connect(database_url, autocommit=True) as connection:
            for attempt in range(30):
                phone = f"+4930{100000 + (number * 30 + attempt) % phones}"
                try:
                    connection.execute(SIGN_IN, [phone, HOME])
                except psycopg.Error as error:
                    outcomes.append(error.sqlstate or "")
                else:
                    outcomes.append("tried")
        return outcomes

    with ThreadPoolExecutor(5) as threads:
        outcomes = [outcome for part in threads.map(guess, range(5)) for outcome in part]

    assert outcomes.count("tried") == allowed
    assert outcomes.count("TK019") == 150 - allowed
    assert value(db, "SELECT count(*) FROM sign_in_failures") == allowed

"""Guessing one account's password from many networks, and the browsers that need not wait."""

from typing import Any, LiteralString

import psycopg
import pytest

from tests.support.refusals import problem, seconds_left
from tests.support.rows import PASSWORD_HASH, add_user, rows, value

PHONE = "+4915112345678"
MAIL = "ada@example.org"
HOME = "192.0.2.1"
SIGN_IN: LiteralString = "SELECT * FROM begin_sign_in(%s, %s, sha256(%s))"
REMEMBER: LiteralString = "SELECT remember_device(%s, sha256(%s), sha256(%s), %s)"


@pytest.fixture
def owner(rolled_back: psycopg.Connection) -> int:
    """The user whose account is attacked."""
    return add_user(
        rolled_back,
        phone=PHONE,
        password_hash=PASSWORD_HASH,
        email=MAIL,
        email_verified_at="2030-01-01",
    )


def sign_in(
    db: psycopg.Connection, account: str = PHONE, network: str = HOME, device: str | None = None
) -> dict[str, Any]:
    return rows(db, SIGN_IN, account, network, device and device.encode())[0]


def attack(db: psycopg.Connection, networks: int, ago: str = "1 minute") -> None:
    """Insert a failure for the account from each of so many networks."""
    db.execute(
        "INSERT INTO sign_in_failures (phone, address, at)"
        " SELECT %s, ('203.0.113.' || n)::inet, now() - %s::interval"
        " FROM generate_series(1, %s) AS n",
        [PHONE, ago, networks],
    )


def refused(db: psycopg.Connection, *given: str | None) -> object:
    """Return the facts of the refusal of a stranger, or of the given network and device."""
    network, device = given or (HOME, None)
    code, facts = problem(db, SIGN_IN, PHONE, network, device and device.encode())
    assert code == "TK019"
    return facts


@pytest.mark.usefixtures("owner")
def test_after_fifty_failures_strangers_have_one_attempt_in_thirty_seconds(
    rolled_back: psycopg.Connection,
) -> None:
    attack(rolled_back, 49)
    sign_in(rolled_back)

    assert refused(rolled_back, "192.0.2.2", None) == {"retry_after": seconds_left(30)}
    rolled_back.execute("UPDATE sign_in_failures SET at = at - interval '30 seconds'")
    sign_in(rolled_back, network="192.0.2.2")
    assert refused(rolled_back, "192.0.2.3", None) == {"retry_after": seconds_left(30)}
    # Another account is not slowed.
    sign_in(rolled_back, account="+4930111111")


def test_an_unknown_account_is_slowed_like_a_known_one(rolled_back: psycopg.Connection) -> None:
    attack(rolled_back, 50, "10 seconds")

    assert refused(rolled_back) == {"retry_after": seconds_left(20)}


@pytest.mark.usefixtures("owner")
def test_failures_count_for_an_hour(rolled_back: psycopg.Connection) -> None:
    attack(rolled_back, 50, "61 minutes")

    sign_in(rolled_back)


def test_a_browser_that_has_signed_in_need_not_wait(
    rolled_back: psycopg.Connection, owner: int
) -> None:
    rolled_back.execute(REMEMBER, [owner, None, b"device", "198.51.100.7"])
    attack(rolled_back, 50, "1 second")
    refused(rolled_back)

    assert sign_in(rolled_back, device="device")["user_id"] == owner


def test_a_known_browser_is_not_counted_together_with_strangers(
    rolled_back: psycopg.Connection, owner: int
) -> None:
    rolled_back.execute(REMEMBER, [owner, None, b"device", "198.51.100.7"])
    rolled_back.execute(
        "INSERT INTO sign_in_failures (phone, address) SELECT %s, %s FROM generate_series(1, 10)",
        [PHONE, HOME],
    )
    refused(rolled_back)

    for _ in range(10):
        sign_in(rolled_back, device="device")
    assert refused(rolled_back, HOME, "device") == {"retry_after": seconds_left(900)}


def test_a_network_from_which_the_owner_has_signed_in_is_not_slowed(
    rolled_back: psycopg.Connection, owner: int
) -> None:
    rolled_back.execute(REMEMBER, [owner, None, b"device", HOME])
    attack(rolled_back, 50, "1 second")

    sign_in(rolled_back)
    rolled_back.execute("UPDATE known_devices SET last_used_at = now() - interval '31 days'")
    refused(rolled_back)


def test_a_device_is_known_to_the_accounts_that_it_has_signed_in_to(
    rolled_back: psycopg.Connection, owner: int
) -> None:
    other = add_user(rolled_back)
    rolled_back.execute(REMEMBER, [other, None, b"device", "198.51.100.7"])
    attack(rolled_back, 50, "1 second")
    refused(rolled_back, HOME, "device")

    rolled_back.execute(REMEMBER, [owner, b"device", b"newer", "198.51.100.7"])

    known = "SELECT user_id FROM known_devices WHERE token_hash = sha256('newer') ORDER BY 1"
    assert [row["user_id"] for row in rows(rolled_back, known)] == sorted([owner, other])
    # A token that somebody else knows is worth nothing once the browser has signed in.
    refused(rolled_back, HOME, "device")


def test_a_device_is_forgotten_after_180_days(rolled_back: psycopg.Connection, owner: int) -> None:
    rolled_back.execute(REMEMBER, [owner, None, b"device", "198.51.100.7"])
    rolled_back.execute("UPDATE known_devices SET last_used_at = now() - interval '181 days'")
    attack(rolled_back, 50, "1 second")
    refused(rolled_back, HOME, "device")

    rolled_back.execute(REMEMBER, [owner, None, b"another", HOME])

    assert value(rolled_back, "SELECT count(*) FROM known_devices") == 1


def test_an_account_knows_its_twenty_newest_devices(
    rolled_back: psycopg.Connection, owner: int
) -> None:
    for number in range(25):
        rolled_back.execute(REMEMBER, [owner, None, f"device {number}".encode(), HOME])
        rolled_back.execute(
            "UPDATE known_devices SET last_used_at = last_used_at - interval '1 minute'"
        )

    assert value(rolled_back, "SELECT count(*) FROM known_devices") == 20
    newest = "SELECT token_hash = sha256('device 24') FROM known_devices ORDER BY last_used_at DESC"
    assert value(rolled_back, newest) is True


def test_a_new_password_ends_the_devices_of_its_user(
    rolled_back: psycopg.Connection, owner: int
) -> None:
    other = add_user(rolled_back)
    for user_id in (owner, other):
        rolled_back.execute(REMEMBER, [user_id, None, b"device", HOME])
    sign_in(rolled_back, account=MAIL)

    rolled_back.execute(
        "UPDATE users SET password_hash = password_hash || 'x' WHERE id = %s", [owner]
    )

    assert rows(rolled_back, "SELECT user_id FROM known_devices") == [{"user_id": other}]
    assert value(rolled_back, "SELECT count(*) FROM sign_in_failures") == 0


def test_a_temporary_table_of_the_same_name_keeps_no_device(
    rolled_back: psycopg.Connection, owner: int
) -> None:
    rolled_back.execute(REMEMBER, [owner, None, b"device", HOME])
    rolled_back.execute("CREATE TEMPORARY TABLE known_devices (user_id bigint)")

    rolled_back.execute("UPDATE users SET password_hash = password_hash || 'x'")

    assert value(rolled_back, "SELECT count(*) FROM public.known_devices") == 0


def test_a_verified_mail_address_signs_in(rolled_back: psycopg.Connection, owner: int) -> None:
    assert sign_in(rolled_back, account=MAIL)["user_id"] == owner

    rolled_back.execute("UPDATE users SET email_verified_at = NULL")

    assert sign_in(rolled_back, account=MAIL)["user_id"] is None


def test_failures_with_a_mail_address_have_a_limit_of_their_own(
    rolled_back: psycopg.Connection, owner: int
) -> None:
    for _ in range(10):
        sign_in(rolled_back, account=MAIL)

    assert problem(rolled_back, SIGN_IN, MAIL, HOME, None)[0] == "TK019"
    # Otherwise a stranger could find out that both belong together.
    assert sign_in(rolled_back)["user_id"] == owner


def test_a_shared_address_means_the_user_who_has_lost_the_number(
    rolled_back: psycopg.Connection, owner: int
) -> None:
    other = add_user(rolled_back, email=MAIL, email_verified_at="2030-01-01")
    assert sign_in(rolled_back, account=MAIL)["user_id"] is None

    rolled_back.execute("UPDATE users SET phone_lost_at = now() WHERE id = %s", [other])
    assert sign_in(rolled_back, account=MAIL)["user_id"] == other

    rolled_back.execute("UPDATE users SET phone_lost_at = now() WHERE id = %s", [owner])
    assert sign_in(rolled_back, account=MAIL)["user_id"] is None


def test_the_password_of_somebody_who_lost_the_number_is_confirmed_as_theirs(
    rolled_back: psycopg.Connection, owner: int
) -> None:
    rolled_back.execute("UPDATE users SET phone_lost_at = now()")
    new_owner = add_user(rolled_back, phone=PHONE)

    (attempt,) = rows(rolled_back, "SELECT * FROM begin_confirmation(%s, %s, NULL)", owner, HOME)

    assert attempt["password_hash"] == PASSWORD_HASH
    assert rows(rolled_back, "SELECT phone, email FROM sign_in_failures") == [
        {"phone": None, "email": MAIL}
    ]
    assert sign_in(rolled_back)["user_id"] == new_owner

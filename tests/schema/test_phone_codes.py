"""Codes for phones: who gets a number, who loses it, and how many codes are sent."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any, LiteralString

import psycopg
import pytest

from tests.schema.test_facts import add_endpoint, fan_out
from tests.schema.test_webhook_deliveries import claim, finish, make_due
from tests.support.locks import await_lock_waiters, raise_lock_timeout
from tests.support.refusals import problem, seconds_left
from tests.support.rows import PASSWORD_HASH, add_booking, add_event, add_user, rows, value

PHONE = "+4915112345678"
HOME = "192.0.2.1"
REQUEST: LiteralString = "SELECT request_phone_code(%s, %s, %s, 'Your code.', %s, %s, %s, %s)"
PROVE: LiteralString = (
    "SELECT outcome, tries_left, (proven).* FROM prove_phone(sha256(%s), sha256(%s), %s)"
)


@pytest.fixture
def gateway(rolled_back: psycopg.Connection) -> int:
    """A webhook that sends text messages."""
    return add_endpoint(rolled_back, types=["phone.code"])


def hashed(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def request(
    db: psycopg.Connection,
    token: str = "token",
    *,
    phone: str = PHONE,
    user_id: int | None = None,
    network: str = HOME,
) -> None:
    """Ask for a code, which is "right"; without a user, to sign up."""
    name, password_hash = (None, None) if user_id else ("Cleo", PASSWORD_HASH)
    given = [hashed(token), hashed("right"), phone, user_id, name, password_hash, network]
    db.execute(REQUEST, given)


def prove(
    db: psycopg.Connection, token: str = "token", code: str = "right", *, take_over: bool = False
) -> dict[str, Any]:
    return rows(db, PROVE, token.encode(), code.encode(), take_over)[0]


def user(db: psycopg.Connection, user_id: int) -> dict[str, Any]:
    return rows(db, "SELECT * FROM users WHERE id = %s", user_id)[0]


@pytest.mark.usefixtures("gateway")
def test_the_code_makes_the_account_with_a_verified_number(
    rolled_back: psycopg.Connection,
) -> None:
    request(rolled_back)
    assert value(rolled_back, "SELECT count(*) FROM users") == 0

    proven = prove(rolled_back)

    assert proven["outcome"] == "proven"
    made = user(rolled_back, proven["id"])
    assert (made["name"], made["phone"], made["password_hash"]) == ("Cleo", PHONE, PASSWORD_HASH)
    assert made["phone_verified_at"] is not None
    assert prove(rolled_back)["outcome"] == "not-valid"


@pytest.mark.usefixtures("gateway")
def test_a_code_has_five_tries(rolled_back: psycopg.Connection) -> None:
    request(rolled_back)

    outcomes = [prove(rolled_back, code="wrong") for _ in range(5)]

    assert [(row["outcome"], row["tries_left"]) for row in outcomes] == [
        ("wrong", left) for left in (4, 3, 2, 1, 0)
    ]
    assert prove(rolled_back)["outcome"] == "not-valid"


@pytest.mark.usefixtures("gateway")
def test_a_code_is_valid_for_fifteen_minutes_and_only_with_its_token(
    rolled_back: psycopg.Connection,
) -> None:
    request(rolled_back)
    left = value(rolled_back, "SELECT (expires_at - now())::text FROM phone_codes")
    assert left == "00:15:00"
    assert prove(rolled_back, "another token")["outcome"] == "not-valid"

    rolled_back.execute("UPDATE phone_codes SET expires_at = clock_timestamp()")

    assert prove(rolled_back)["outcome"] == "not-valid"


@pytest.mark.usefixtures("gateway")
def test_a_number_is_taken_over_without_the_bookings(rolled_back: psycopg.Connection) -> None:
    db = rolled_back
    former = add_user(db, phone=PHONE, password_hash=PASSWORD_HASH)
    db.execute("UPDATE users SET phone_verified_at = now()")
    add_booking(db, former, add_event(db))
    db.execute("INSERT INTO sessions (token_hash, user_id) VALUES (sha256('s'), %s)", [former])
    request(db)

    # Nothing happens before it is asked for, and asking costs no try.
    assert prove(db)["outcome"] == "taken"
    assert user(db, former)["phone_lost_at"] is None

    proven = prove(db, take_over=True)

    assert proven["outcome"] == "proven"
    assert proven["id"] != former
    lost = user(db, former)
    assert (lost["phone"], lost["phone_verified_at"]) == (PHONE, None)
    assert lost["phone_lost_at"] is not None
    assert lost["password_hash"] == PASSWORD_HASH
    assert value(db, "SELECT count(*) FROM sessions") == 0
    assert value(db, "SELECT array_agg(user_id) FROM bookings") == [former]
    logged = rows(db, "SELECT actor_id, user_id, detail FROM activity WHERE user_id = %s", former)
    assert logged[-1] == {
        "actor_id": proven["id"],
        "user_id": former,
        "detail": {"phone_lost": True},
    }


@pytest.mark.usefixtures("gateway")
def test_a_user_changes_the_number_by_a_code(rolled_back: psycopg.Connection) -> None:
    db = rolled_back
    user_id = add_user(db, phone="+4930111111")
    request(db, user_id=user_id)
    assert user(db, user_id)["phone"] == "+4930111111"

    assert prove(db)["id"] == user_id

    changed = user(db, user_id)
    assert (changed["phone"], changed["phone_lost_at"]) == (PHONE, None)
    assert changed["phone_verified_at"] is not None


@pytest.mark.usefixtures("gateway")
def test_a_user_verifies_the_number_that_is_there(rolled_back: psycopg.Connection) -> None:
    user_id = add_user(rolled_back, phone=PHONE)
    request(rolled_back, user_id=user_id)

    assert prove(rolled_back)["outcome"] == "proven"

    assert user(rolled_back, user_id)["phone_verified_at"] is not None


@pytest.mark.usefixtures("gateway")
def test_of_two_codes_for_a_number_the_first_one_entered_counts(
    rolled_back: psycopg.Connection,
) -> None:
    request(rolled_back, "first")
    request(rolled_back, "second")

    assert prove(rolled_back, "second")["outcome"] == "proven"
    assert prove(rolled_back, "first", take_over=True)["outcome"] == "not-valid"


def test_two_who_enter_codes_for_one_number_at_once_come_one_after_the_other(
    database_url: str, db: psycopg.Connection
) -> None:
    raise_lock_timeout(db)
    add_endpoint(db, types=["phone.code"])
    request(db, "first")
    request(db, "second")

    def second() -> str:
        with psycopg.connect(database_url, autocommit=True) as connection:
            return str(prove(connection, "second", take_over=True)["outcome"])

    with ThreadPoolExecutor() as threads, psycopg.connect(database_url) as connection:
        assert prove(connection, "first")["outcome"] == "proven"
        answer = threads.submit(second)
        await_lock_waiters(db)
        connection.commit()
        assert answer.result() == "not-valid"

    owners = "SELECT count(*) FROM users WHERE phone = %s AND phone_lost_at IS NULL"
    assert value(db, owners, PHONE) == 1
    assert value(db, "SELECT count(*) FROM users") == 1


@pytest.mark.usefixtures("gateway")
def test_an_erased_user_gets_no_number(rolled_back: psycopg.Connection) -> None:
    user_id = add_user(rolled_back)
    request(rolled_back, user_id=user_id)
    rolled_back.execute("UPDATE users SET name = 'Erased', phone = NULL, erased_at = now()")

    assert prove(rolled_back)["outcome"] == "not-valid"


@pytest.mark.parametrize(
    ("requests", "other"),
    (
        (3, {"phone": "+4930111111"}),
        (60, {"network": "192.0.2.2"}),
    ),
    ids=["for a number", "from a network"],
)
@pytest.mark.usefixtures("gateway")
def test_requests_are_limited(
    rolled_back: psycopg.Connection, requests: int, other: dict[str, Any]
) -> None:
    for number in range(requests):
        phone = PHONE if "phone" in other else f"+49152{number:06}"
        request(rolled_back, f"token {number}", phone=phone)
    given = [hashed("more"), hashed("right"), PHONE, None, "Cleo", PASSWORD_HASH, HOME]

    assert problem(rolled_back, REQUEST, *given) == ("TK019", {"retry_after": seconds_left(3600)})

    request(rolled_back, "other", **other)
    rolled_back.execute("UPDATE phone_code_requests SET at = at - interval '1 hour 1 second'")
    rolled_back.execute(REQUEST, given)


@pytest.mark.usefixtures("gateway")
def test_requests_of_a_user_are_limited_over_all_numbers(rolled_back: psycopg.Connection) -> None:
    user_id = add_user(rolled_back)
    for number in range(5):
        request(rolled_back, f"token {number}", phone=f"+49152{number:06}", user_id=user_id)
    given = [hashed("more"), hashed("right"), PHONE, user_id, None, None, "192.0.2.9"]

    assert problem(rolled_back, REQUEST, *given)[0] == "TK019"
    # Only the last one is valid.
    assert value(rolled_back, "SELECT count(*) FROM phone_codes") == 1


@pytest.mark.parametrize(
    "columns",
    (
        {},
        {"types": ["customer.notice"]},
        {"types": ["phone.code"], "disabled_at": "2030-01-01"},
    ),
    ids=["takes everything", "takes notices", "is disabled"],
)
def test_only_an_enabled_webhook_that_names_the_type_gets_codes(
    rolled_back: psycopg.Connection, columns: dict[str, object]
) -> None:
    add_endpoint(rolled_back, **columns)
    given = [hashed("token"), hashed("right"), PHONE, None, "Cleo", PASSWORD_HASH, HOME]

    assert value(rolled_back, "SELECT sends_phone_codes()") is False
    assert value(rolled_back, REQUEST, *given) is None
    assert value(rolled_back, "SELECT count(*) FROM phone_code_requests") == 0


def test_a_webhook_of_one_event_gets_no_codes(rolled_back: psycopg.Connection) -> None:
    add_endpoint(rolled_back, types=["phone.code"], event_id=add_event(rolled_back))

    assert value(rolled_back, "SELECT sends_phone_codes()") is False


def test_a_code_is_sent_before_other_messages_and_not_kept(
    rolled_back: psycopg.Connection, gateway: int
) -> None:
    add_event(rolled_back)
    rolled_back.execute("UPDATE webhook_endpoints SET types = '{phone.code,event.created}'")
    fan_out(rolled_back)
    request(rolled_back)

    (delivery,) = claim(rolled_back, gateway, at_most=1)

    message = json.loads(delivery["body"])
    assert message["type"] == "phone.code"
    assert message["data"] == {"phone": PHONE, "text": "Your code."}
    assert delivery["message_id"].startswith("fact_code_")
    finish(rolled_back, delivery, 204)
    left = "SELECT body FROM webhook_deliveries WHERE source = 'code'"
    assert value(rolled_back, left) == ""


def test_a_code_that_was_not_sent_in_time_is_given_up_and_emptied(
    rolled_back: psycopg.Connection, gateway: int
) -> None:
    request(rolled_back)
    for wait in range(2):
        finish(rolled_back, claim(rolled_back, gateway)[0], 500)
        assert value(rolled_back, "SELECT body <> '' FROM webhook_deliveries"), wait
        make_due(rolled_back)
    # The next attempt would come after the code has expired.
    finish(rolled_back, claim(rolled_back, gateway)[0], 500)
    over = "SELECT body, given_up_at IS NOT NULL AS given_up FROM webhook_deliveries"
    assert rows(rolled_back, over) == [{"body": "", "given_up": True}]


@pytest.mark.usefixtures("gateway")
def test_expired_codes_are_deleted(rolled_back: psycopg.Connection) -> None:
    request(rolled_back)
    assert value(rolled_back, "SELECT delete_old_phone_codes(10)") == 0

    rolled_back.execute("UPDATE phone_codes SET expires_at = now() - interval '1 second'")
    rolled_back.execute("UPDATE phone_code_requests SET at = now() - interval '61 minutes'")
    rolled_back.execute("UPDATE webhook_deliveries SET created_at = now() - interval '16 minutes'")

    assert value(rolled_back, "SELECT delete_old_phone_codes(10)") == 3
    assert value(rolled_back, "SELECT count(*) FROM phone_codes") == 0
    assert value(rolled_back, "SELECT count(*) FROM phone_code_requests") == 0
    over = "SELECT body, last_error, given_up_at IS NOT NULL AS given_up FROM webhook_deliveries"
    assert rows(rolled_back, over) == [
        {"body": "", "last_error": "it was not sent in time", "given_up": True}
    ]


def test_codes_are_not_sent_again(rolled_back: psycopg.Connection, gateway: int) -> None:
    request(rolled_back)
    finish(rolled_back, claim(rolled_back, gateway)[0], 204)

    rolled_back.execute("SELECT replay_facts(%s, now() - interval '1 day', now(), NULL)", [gateway])

    assert claim(rolled_back, gateway) == []

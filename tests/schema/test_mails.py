"""Mails: claims, attempts, the address of a user, and links that work once."""

import hashlib
from typing import Any, LiteralString

import psycopg
import pytest

from tests.support.dumps import dump
from tests.support.refusals import problem
from tests.support.rows import PASSWORD_HASH, add_booking, add_event, add_user, in_days, rows, value

ADDRESS = "ada@example.org"


def hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def claim(db: psycopg.Connection, *tokens: str) -> list[dict[str, Any]]:
    given = [hashed(token) for token in tokens or ("token",)]
    return rows(db, "SELECT * FROM claim_mails(%s, '1 minute')", given)


def finish(db: psycopg.Connection, mail: dict[str, Any], error: str | None = None) -> None:
    db.execute("SELECT finish_mail(%s, %s)", [mail["id"], error])


def make_due(db: psycopg.Connection) -> None:
    db.execute("UPDATE mails SET next_attempt_at = now() WHERE next_attempt_at IS NOT NULL")


def set_email(db: psycopg.Connection, user_id: int, address: str | None = ADDRESS) -> None:
    db.execute("SELECT set_email(%s, %s, %s)", [user_id, address, user_id])


def use(db: psycopg.Connection, function: LiteralString, token: str = "token") -> bool:
    return bool(value(db, f"SELECT {function}(%s)", hashed(token)))


def reset(db: psycopg.Connection, token: str) -> bool:
    return bool(value(db, "SELECT reset_password(%s, %s)", hashed(token), PASSWORD_HASH + "x"))


def add_reader(db: psycopg.Connection, **columns: object) -> int:
    """Add a user whose address is verified."""
    return add_user(db, email=ADDRESS, email_verified_at=in_days(-1), **columns)


def mail_row(db: psycopg.Connection) -> dict[str, Any]:
    return rows(db, "SELECT * FROM mails ORDER BY id DESC")[0]


def test_an_address_is_verified_by_the_link_in_its_mail_once(db: psycopg.Connection) -> None:
    user_id = add_user(db)
    set_email(db, user_id)
    (mail,) = claim(db)
    assert (mail["address"], mail["link"]) == (ADDRESS, "email-verification")
    assert claim(db) == []

    assert not use(db, "verify_email", "another")
    assert not use(db, "unsubscribe")
    assert use(db, "verify_email")
    assert not use(db, "verify_email")
    assert value(db, "SELECT email_verified_at IS NOT NULL FROM users WHERE id = %s", user_id)


def test_another_address_is_not_verified_and_ends_links_and_mails_to_the_old_one(
    db: psycopg.Connection,
) -> None:
    user_id = add_reader(db)
    db.execute(
        "INSERT INTO mails (user_id, address, purpose) VALUES (%s, %s, 'password-reset')",
        [user_id, ADDRESS],
    )
    (mail,) = claim(db)
    set_email(db, user_id, "new@example.org")

    assert not reset(db, "token")
    finish(db, mail)
    assert value(db, "SELECT last_error FROM mails WHERE id = %s", mail["id"])
    (mail,) = claim(db, "second")
    assert (mail["address"], mail["purpose"]) == ("new@example.org", "email-verification")
    assert value(db, "SELECT email_verified_at FROM users WHERE id = %s", user_id) is None
    set_email(db, user_id, None)
    assert not use(db, "verify_email", "second")
    assert value(db, "SELECT detail FROM activity ORDER BY id DESC LIMIT 1") == {"new_email": True}


def test_only_the_user_and_admins_set_an_address(db: psycopg.Connection) -> None:
    user_id, other, admin = add_user(db), add_user(db), add_user(db, role="admin")

    refused = problem(db, "SELECT set_email(%s, %s, %s)", user_id, ADDRESS, other)
    assert refused[0] == "TK020"
    refused = problem(db, "SELECT set_email(0, %s, %s)", ADDRESS, admin)
    assert refused[0] == "TK008"
    db.execute("SELECT set_email(%s, %s, %s)", [user_id, ADDRESS, admin])


def test_mails_to_verify_one_address_are_limited_over_all_users(db: psycopg.Connection) -> None:
    for _ in range(3):
        set_email(db, add_user(db))

    user_id = add_user(db)
    name, detail = problem(db, "SELECT set_email(%s, %s, %s)", user_id, ADDRESS, user_id)
    assert (name, 3500 < detail["retry_after"] <= 3600) == ("TK019", True)


def test_mails_to_verify_addresses_of_one_user_are_limited(db: psycopg.Connection) -> None:
    user_id = add_user(db)
    for number in range(5):
        set_email(db, user_id, f"{number}@example.org")

    refused = problem(db, "SELECT set_email(%s, %s, %s)", user_id, ADDRESS, user_id)
    assert refused[0] == "TK019"


def test_attempts_spread_over_a_day_and_then_end(db: psycopg.Connection) -> None:
    set_email(db, add_user(db))
    waits: list[Any] = []
    for _ in range(7):
        finish(db, claim(db, f"token {len(waits)}")[0], "refused")
        waits.append(value(db, "SELECT next_attempt_at - clock_timestamp() FROM mails"))
        make_due(db)

    planned = [60, 300, 1800, 7200, 21600, 54000]
    for wait, seconds in zip(waits, planned, strict=False):
        assert 0.95 * seconds <= wait.total_seconds() <= seconds
    assert waits[-1] is None
    row = mail_row(db)
    assert (row["given_up_at"] is not None, row["last_error"], claim(db)) == (True, "refused", [])


def test_nothing_is_claimed_while_facts_are_paused(db: psycopg.Connection) -> None:
    set_email(db, add_user(db))
    db.execute("INSERT INTO fact_cursors (source, database, paused) VALUES ('booking', '', true)")
    assert claim(db) == []
    assert not value(db, "SELECT write_reminders()")
    db.execute("UPDATE fact_cursors SET paused = false")
    assert len(claim(db)) == 1


def test_only_accounts_with_a_verified_address_get_a_link_for_a_new_password(
    db: psycopg.Connection,
) -> None:
    add_user(db, phone="+49151100001", email=ADDRESS)
    reader = add_reader(db, phone="+49151100002")
    for account in ("+49151100001", "+49151100002", "+49151100003", "nobody@example.org"):
        for _ in range(4):
            db.execute("SELECT request_password_reset(%s, '::1')", [account])

    mails = rows(db, "SELECT user_id, address FROM mails WHERE purpose = 'password-reset'")
    assert mails == [{"user_id": reader, "address": ADDRESS}] * 3


def test_requests_for_a_new_password_are_limited_for_an_account(db: psycopg.Connection) -> None:
    ask = "SELECT request_password_reset('+49151100003', '::1')"
    for _ in range(10):
        db.execute(ask)

    assert problem(db, ask)[0] == "TK019"


def test_requests_are_counted_by_network_and_apart_from_failed_sign_ins(
    db: psycopg.Connection,
) -> None:
    for number in range(30):
        address = f"2001:db8::{number + 1:x}"
        db.execute("SELECT request_password_reset(%s, %s)", [f"{number}@example.org", address])

    ask = "SELECT request_password_reset('a@example.org', %s)"
    assert problem(db, ask, "2001:db8::ffff")[0] == "TK019"
    db.execute(ask, ["2001:db8:0:1::1"])
    assert value(db, "SELECT count(*) FROM sign_in_failures") == 0
    # Old requests no longer count, and are deleted.
    db.execute("UPDATE password_reset_requests SET at = now() - interval '16 minutes'")
    db.execute(ask, ["2001:db8::ffff"])
    assert value(db, "SELECT count(*) FROM password_reset_requests") == 1


def test_a_new_password_ends_sessions_and_all_links_for_one(db: psycopg.Connection) -> None:
    user_id = add_reader(db, phone="+49151100002")
    for _ in range(2):
        db.execute("SELECT request_password_reset('+49151100002', '::1')")
        db.execute("SELECT FROM begin_sign_in('+49151100002', '::1')")
    db.execute("INSERT INTO sessions (token_hash, user_id) VALUES (sha256('s'), %s)", [user_id])
    assert [mail["link"] for mail in claim(db, "first", "second")] == ["password-reset"] * 2

    assert not use(db, "verify_email", "first")
    assert reset(db, "first")
    assert not reset(db, "first")
    assert not reset(db, "second")
    assert value(db, "SELECT count(*) FROM sessions") == 0
    assert value(db, "SELECT count(*) FROM sign_in_failures") == 0
    (line,) = rows(db, "SELECT actor_id, action, user_id, detail FROM activity")
    assert line == {
        "actor_id": user_id,
        "action": "user-changed",
        "user_id": user_id,
        "detail": {"new_password": True},
    }


def test_a_link_for_a_new_password_is_valid_for_15_minutes(db: psycopg.Connection) -> None:
    add_reader(db, phone="+49151100002")
    db.execute("SELECT request_password_reset('+49151100002', '::1')")
    claim(db)
    left = value(db, "SELECT expires_at - clock_timestamp() FROM mail_links")
    assert 890 < left.total_seconds() <= 900
    db.execute("UPDATE mail_links SET expires_at = now()")

    assert not reset(db, "token")


@pytest.mark.parametrize("optional", (True, False))
def test_guests_are_reminded_once_for_each_date(db: psycopg.Connection, optional: bool) -> None:
    event_id = add_event(db, created_at=in_days(-9), date_time=in_days(0.9))
    early, late, gone = (add_reader(db, optional_mail=optional) for _ in range(3))
    add_booking(db, early, event_id, booking_date=in_days(-2))
    add_booking(db, early, event_id, booking_date=in_days(-3))
    add_booking(db, late, event_id, booking_date=in_days(-0.01))
    add_booking(
        db, gone, event_id, booking_date=in_days(-2), status="cancelled", cancelled_at=in_days(-1)
    )

    assert value(db, "SELECT write_reminders()")
    assert not value(db, "SELECT write_reminders()")
    told = rows(db, "SELECT user_id, kind FROM notices")
    assert told == [{"user_id": early, "kind": "event-reminder"}]
    assert [mail["link"] for mail in claim(db)] == ["unsubscription"] * optional
    db.execute("UPDATE events SET date_time = %s WHERE id = %s", [in_days(0.8), event_id])
    assert value(db, "SELECT write_reminders()")
    assert value(db, "SELECT count(*) FROM notices") == 2


def test_events_later_than_a_day_and_drafts_are_not_due(db: psycopg.Connection) -> None:
    add_event(db, date_time=in_days(1.1))
    add_event(db, date_time=in_days(0.5), status="draft")

    assert not value(db, "SELECT write_reminders()")


def test_unsubscribing_ends_optional_mail_and_may_be_repeated(db: psycopg.Connection) -> None:
    event_id = add_event(db, created_at=in_days(-9), date_time=in_days(0.9))
    user_id = add_reader(db)
    add_booking(db, user_id, event_id, booking_date=in_days(-2))
    db.execute("SELECT write_reminders()")
    claim(db)
    make_due(db)

    assert [use(db, "unsubscribe"), use(db, "unsubscribe")] == [True, True]
    assert not value(db, "SELECT optional_mail FROM users WHERE id = %s", user_id)
    assert claim(db, "second") == []


def test_a_dump_has_no_token(db: psycopg.Connection, database_url: str) -> None:
    set_email(db, add_user(db))
    token = "a-token-that-nobody-knows"
    claim(db, token)

    text = dump(database_url)
    assert hashed(token).hex() in text
    assert token not in text

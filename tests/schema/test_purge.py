"""purge: what is over is deleted, in slices, and nothing else."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import LiteralString

import psycopg
import pytest

from tests.support.refusals import error_of
from tests.support.rows import add_event, add_user, in_days, insert, value

PURGE: LiteralString = "SELECT purge(%s, %s, %s)"
TABLES = (
    "mails",
    "mail_links",
    "sessions",
    "sign_in_failures",
    "sign_ups",
    "password_reset_requests",
    "notices",
    "known_devices",
    "password_codes",
)


def purge(
    db: psycopg.Connection, at_most: int = 100, mail_days: int = 90, notice_days: int = 365
) -> int:
    deleted: int = value(db, PURGE, at_most, mail_days, notice_days)
    return deleted


def counts(db: psycopg.Connection) -> dict[str, int]:
    return {table: value(db, f"SELECT count(*) FROM {table}") for table in TABLES}


def add_rows(db: psycopg.Connection, count: int, over: bool) -> int:
    """Add this many rows to each table, a minute before or after they are over."""
    user_id = add_user(db)
    event_id = add_event(db)
    minute = timedelta(minutes=1 if over else -1)

    def at(**age: int) -> object:
        return in_days(0) - timedelta(**age) - minute

    for _ in range(count):
        db.execute(
            "INSERT INTO password_codes (user_id, code_hash, expires_at)"
            " VALUES (%s, sha256('code'), %s)",
            [add_user(db), at()],
        )
        notice = insert(
            db,
            "notices",
            user_id=user_id,
            kind="event-reminder",
            event_id=event_id,
            matter=f"{value(db, 'SELECT gen_random_uuid()')}",
            at=at(days=365),
        )
        insert(db, "webhook_deliveries", source="notice", source_id=notice, **_delivery(db))
        insert(
            db,
            "mails",
            user_id=user_id,
            address="ada@example.org",
            purpose="password-reset",
            created_at=at(days=90),
        )
        insert(db, "sign_in_failures", phone="+4930123456", address="::1", at=at(minutes=60))
        insert(db, "sign_ups", network="::1", at=at(minutes=15))
        insert(db, "password_reset_requests", account="a", network="::1", at=at(minutes=15))
        db.execute(
            "INSERT INTO sessions (token_hash, user_id, created_at, expires_at)"
            " VALUES (sha256(gen_random_uuid()::text::bytea), %s, now() - interval '30 days', %s)",
            [user_id, at()],
        )
        db.execute(
            "INSERT INTO known_devices (token_hash, user_id, network, last_used_at)"
            " VALUES (sha256(gen_random_uuid()::text::bytea), %s, '::1', %s)",
            [user_id, at(days=180)],
        )
        db.execute(
            "INSERT INTO mail_links (token_hash, user_id, purpose, address, expires_at)"
            " VALUES (sha256(gen_random_uuid()::text::bytea), %s, 'unsubscription', 'a@b.de', %s)",
            [user_id, at()],
        )
    return user_id


def _delivery(db: psycopg.Connection) -> dict[str, object]:
    endpoint = value(db, "SELECT min(id) FROM webhook_endpoints") or value(
        db, "SELECT (create_webhook_endpoint('https://a.example/', '{}', NULL, NULL)).id"
    )
    return {"endpoint_id": endpoint, "type": "customer.notice", "body": "{}"}


def test_what_is_over_is_deleted_and_nothing_else(rolled_back: psycopg.Connection) -> None:
    add_rows(rolled_back, 2, over=True)
    add_rows(rolled_back, 3, over=False)

    assert purge(rolled_back) == 2

    assert counts(rolled_back) == dict.fromkeys(TABLES, 3)
    assert value(rolled_back, "SELECT count(*) FROM webhook_deliveries") == 3
    # Two of the rows, and one for each of the five codes for a password.
    assert value(rolled_back, "SELECT count(*) FROM users") == 2 + 5
    assert purge(rolled_back) == 0


def test_a_slice_is_no_larger_than_asked_for(rolled_back: psycopg.Connection) -> None:
    add_rows(rolled_back, 5, over=True)

    assert purge(rolled_back, at_most=2) == 2
    assert counts(rolled_back) == dict.fromkeys(TABLES, 3)
    assert [purge(rolled_back, at_most=2) for _ in range(3)] == [2, 1, 0]


def test_the_settings_say_how_long_mails_and_notices_stay(rolled_back: psycopg.Connection) -> None:
    user_id = add_rows(rolled_back, 1, over=False)
    rolled_back.execute("DELETE FROM webhook_deliveries")

    purge(rolled_back, mail_days=89)
    assert value(rolled_back, "SELECT count(*) FROM mails WHERE user_id = %s", user_id) == 0
    assert value(rolled_back, "SELECT count(*) FROM notices") == 1
    purge(rolled_back, notice_days=364)
    assert value(rolled_back, "SELECT count(*) FROM notices") == 0


def test_an_old_mail_that_was_never_sent_is_deleted_too(rolled_back: psycopg.Connection) -> None:
    add_rows(rolled_back, 1, over=True)
    assert value(rolled_back, "SELECT count(*) FROM mails WHERE next_attempt_at IS NOT NULL") == 1

    purge(rolled_back)

    assert value(rolled_back, "SELECT count(*) FROM mails") == 0


@pytest.mark.parametrize("parameters", ((0, 90, 365), (100, 0, 365), (100, 90, -1)))
def test_a_time_below_a_day_is_refused(
    rolled_back: psycopg.Connection, parameters: tuple[int, int, int]
) -> None:
    add_rows(rolled_back, 1, over=True)

    assert error_of(rolled_back, PURGE, *parameters).sqlstate == "22023"
    assert counts(rolled_back) == dict.fromkeys(TABLES, 1)


def test_processes_that_purge_at_once_skip_each_others_rows(
    database_url: str, db: psycopg.Connection
) -> None:
    add_rows(db, 4, over=True)
    with psycopg.connect(database_url) as other:
        assert purge(other, at_most=2) == 2

        def purge_beside() -> int:
            with psycopg.connect(database_url, autocommit=True) as connection:
                connection.execute("SET lock_timeout = '10s'")
                return purge(connection)

        # It waits for nothing, although the rows of the other are still there.
        with ThreadPoolExecutor() as threads:
            assert threads.submit(purge_beside).result() == 2
        other.commit()
    assert counts(db) == dict.fromkeys(TABLES, 0)

"""Facts: each is read exactly once, in spite of open transactions, rollbacks and restores."""

import asyncio
import json
import random
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
import psycopg
import pytest
from psycopg import sql

from tests.support.rows import add_event, add_user, book, rows, value

WRITERS = 10
SECONDS = 3.0


def add_endpoint(db: psycopg.Connection, **columns: object) -> int:
    given = {"url": "https://receiver.example/", "secret": b"k" * 32, **columns}
    names = sql.SQL(", ").join(map(sql.Identifier, given))
    marks = sql.SQL(", ").join(sql.Placeholder() * len(given))
    statement = sql.SQL("INSERT INTO webhook_endpoints ({}) VALUES ({}) RETURNING id")
    row = db.execute(statement.format(names, marks), list(given.values())).fetchone()
    assert row is not None
    return int(row[0])


def told(db: psycopg.Connection) -> list[tuple[str, int]]:
    """Return which facts were written down for webhooks, in order."""
    found = rows(db, "SELECT source, source_id FROM webhook_deliveries ORDER BY id")
    return [(row["source"], row["source_id"]) for row in found]


def fan_out(db: psycopg.Connection) -> int:
    return int(value(db, "SELECT fan_out_facts()"))


@contextmanager
def another_session(db: psycopg.Connection) -> Iterator[psycopg.Connection]:
    with psycopg.connect(db.info.dsn) as other:
        yield other


def test_what_happens_becomes_a_fact_without_personal_data(db: psycopg.Connection) -> None:
    admin = add_user(db, role="admin", name="Grace Hopper", phone="+4930111111")
    customer = add_user(db, name="Ada Lovelace", phone="+4930222222")
    event_id = add_event(db, organiser_contact="Mary Shelley")
    booking = book(db, customer, event_id, 2, None, admin)
    db.execute("UPDATE events SET organiser_contact = 'Emily Noether' WHERE id = %s", [event_id])
    db.execute("SELECT check_in_ticket(%s, %s, %s)", [booking["ticket_codes"][0], event_id, admin])
    db.execute("SELECT update_user(%s, 'Ada King', NULL, %s)", [customer, admin])
    other = book(db, customer, event_id, 1)
    db.execute("SELECT cancel_booking(%s, %s)", [other["id"], customer])
    db.execute("UPDATE events SET status = 'cancelled' WHERE id = %s", [event_id])

    found = rows(db, "SELECT facts.*, fact_body(facts) AS body FROM facts ORDER BY at")

    assert [row["type"] for row in found] == [
        "event.created",
        "booking.confirmed",
        "event.changed",
        "ticket.admitted",
        "user.changed",
        "booking.confirmed",
        "booking.cancelled",
        "event.cancelled",
    ]
    bodies = " ".join(row["body"] for row in found)
    for secret in ("Ada", "Grace", "Mary", "Emily", "+4930", *booking["ticket_codes"]):
        assert secret not in bodies
    assert json.loads(found[1]["body"])["data"] == {
        "booking_id": booking["id"],
        "event_id": event_id,
        "user_id": customer,
        "booked_by": admin,
        "quantity": 2,
        "unit_price": "20.00",
        "total_amount": "40.00",
    }


def test_each_action_has_a_type_that_an_endpoint_can_ask_for(db: psycopg.Connection) -> None:
    for (action,) in db.execute("SELECT unnest(enum_range(NULL::activity_action))").fetchall():
        db.execute("INSERT INTO activity (action) VALUES (%s)", [action])

    assert rows(db, "SELECT type FROM facts WHERE type = ANY (webhook_types()) IS NOT TRUE") == []
    assert value(db, "SELECT count(DISTINCT type) FROM facts") == value(
        db, "SELECT count(*) FROM unnest(enum_range(NULL::activity_action))"
    )


def test_a_fact_that_commits_late_is_not_skipped(db: psycopg.Connection) -> None:
    add_endpoint(db)
    customer, event_id, other_event = add_user(db), add_event(db), add_event(db)
    fan_out(db)
    before = len(told(db))
    with another_session(db) as late:
        first = book(late, customer, event_id, 1)
        second = book(db, customer, other_event, 1)
        assert first["id"] < second["id"]
        # The other transaction may still write facts that come before this one.
        assert fan_out(db) == 0
        late.commit()

    assert fan_out(db) == 2
    assert told(db)[before:] == [("booking", first["id"]), ("booking", second["id"])]
    assert fan_out(db) == 0


def test_what_was_rolled_back_is_told_to_nobody(db: psycopg.Connection) -> None:
    add_endpoint(db, types=["booking.confirmed"])
    customer, event_id = add_user(db), add_event(db)
    with another_session(db) as other:
        book(other, customer, event_id, 1)
        other.rollback()

    fan_out(db)

    assert told(db) == []


async def test_ten_writers_lose_no_fact_and_repeat_none(
    db: psycopg.Connection, database_url: str
) -> None:
    add_endpoint(db, types=["user.created"])
    until = asyncio.get_running_loop().time() + SECONDS

    async def write(seed: int) -> None:
        chance = random.Random(seed)
        connection = await asyncpg.connect(database_url)
        while asyncio.get_running_loop().time() < until:
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute(
                "INSERT INTO activity (action) SELECT 'user-created' FROM generate_series(1, $1)",
                chance.randint(1, 5),
            )
            # Transactions of 0 to 200 ms are what this test is about.
            await asyncio.sleep(chance.choice([0, 0, 0, 0.01, 0.2]))
            await (transaction.rollback if chance.random() < 0.1 else transaction.commit)()
        await connection.close()

    async def read() -> None:
        connection = await asyncpg.connect(database_url)
        while asyncio.get_running_loop().time() < until:
            await connection.execute("SELECT fan_out_facts(50)")
        await connection.close()

    await asyncio.gather(read(), read(), *(write(seed) for seed in range(WRITERS)))
    while fan_out(db):
        pass

    committed = rows(db, "SELECT id FROM activity ORDER BY id")
    assert len(committed) > 100
    assert sorted(told(db)) == [("activity", row["id"]) for row in committed]


def test_facts_older_than_the_column_are_not_told(db: psycopg.Connection) -> None:
    add_endpoint(db)
    db.execute("BEGIN; SELECT begin_repair('an import')")
    db.execute("INSERT INTO activity (action, written_in) VALUES ('user-created', '0')")
    db.execute("COMMIT")

    assert fan_out(db) == 0


@pytest.fixture
def restored(db: psycopg.Connection) -> psycopg.Connection:
    """A database that looks like a restored one, with a fact that the original has not told."""
    add_endpoint(db)
    add_event(db)
    fan_out(db)
    add_event(db)
    db.execute("UPDATE fact_cursors SET database = 'of another cluster'")
    return db


def test_a_restored_copy_tells_nobody_anything(restored: psycopg.Connection) -> None:
    before = told(restored)
    assert fan_out(restored) == 0
    add_event(restored)

    assert fan_out(restored) == 0
    assert told(restored) == before
    assert rows(restored, "SELECT * FROM claim_deliveries(1, 10, '1 minute')") == []


def test_a_resumed_copy_tells_what_was_left_and_what_is_new_once(
    restored: psycopg.Connection,
) -> None:
    fan_out(restored)
    add_event(restored)

    assert value(restored, "SELECT resume_facts()") == 1
    add_event(restored)
    while fan_out(restored):
        pass

    facts = rows(restored, "SELECT source, id FROM facts ORDER BY id")
    assert told(restored) == [(row["source"], row["id"]) for row in facts]
    assert len(facts) == 4


def test_a_resumed_copy_reads_rows_with_transaction_ids_of_the_future_once(
    restored: psycopg.Connection,
) -> None:
    """In a new cluster, transaction ids begin below those that the restored rows hold."""
    restored.execute("BEGIN; SELECT begin_repair('as if restored')")
    restored.execute("INSERT INTO activity (action, written_in) VALUES ('user-created', '9999999')")
    restored.execute("COMMIT")

    fan_out(restored)
    assert value(restored, "SELECT resume_facts()") == 2
    add_event(restored)
    while fan_out(restored):
        pass

    assert len(told(restored)) == len(set(told(restored))) == 4

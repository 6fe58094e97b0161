"""A process is killed between the claim of a delivery and its answer."""

import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import asyncpg
import psycopg

from app.local.paths import ROOT
from tests.support.locks import await_true
from tests.support.rows import add_event, rows
from tests.support.webhook_receiver import Receiver, receiving

WRITERS = 10
KILLS = 3
# From the commit of a fact until the good receiver has it: the pauses of two loops, and what a busy
# machine adds. A request to the endpoint that hangs ends after 15 seconds at the earliest.
LONGEST_DELAY = 8.0


@contextmanager
def background(database_url: str) -> Iterator[subprocess.Popen[bytes]]:
    variables = {
        **os.environ,
        "DATABASE_URL": database_url,
        "WEBHOOK_PRIVATE_ADDRESSES": "true",
    }
    with subprocess.Popen(
        [sys.executable, "-m", "app.background"],
        cwd=ROOT,
        env=variables,
        stdout=subprocess.DEVNULL,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def add_endpoint(db: psycopg.Connection, receiver: Receiver) -> None:
    db.execute(
        "INSERT INTO webhook_endpoints (url, secret) VALUES (%s, sha256('secret'))",
        [receiver.url],
    )


def test_a_killed_process_leaves_deliveries_that_another_sends_with_the_same_bytes(
    database_url: str, db: psycopg.Connection
) -> None:
    with receiving() as receiver:
        receiver.hang()
        add_endpoint(db, receiver)
        for _ in range(3):
            add_event(db)
        with background(database_url):
            await_true(db, "SELECT count(*) = 3 FROM webhook_deliveries WHERE attempts = 1")
            receiver.wait_for(lambda messages: len(messages) == 3)
        # The process was killed: no answer is recorded. The minute of its claim is over.
        assert rows(db, "SELECT FROM webhook_deliveries WHERE last_error IS NOT NULL") == []
        db.execute("UPDATE webhook_deliveries SET next_attempt_at = now()")
        receiver.answering.set()
        with background(database_url):
            await_true(
                db, "SELECT count(*) = 3 FROM webhook_deliveries WHERE delivered_at IS NOT NULL"
            )
        sent = [(message.id, message.body) for message in receiver.messages]
        assert sorted(sent[:3]) == sorted(sent[3:])
        assert len({message_id for message_id, _ in sent}) == 3


@dataclass
class Written:
    """What the writers have committed, with the time after the commit, and what they took back."""

    committed: dict[str, float] = field(default_factory=dict)
    rolled_back: set[str] = field(default_factory=set)
    ended: bool = False


async def write(database_url: str, written: Written, seed: int) -> None:
    """Write facts in transactions of 0 to 200 ms."""
    chance = random.Random(seed)
    connection = await asyncpg.connect(database_url)
    while not written.ended:
        transaction = connection.transaction()
        await transaction.start()
        found = await connection.fetch(
            "INSERT INTO activity (action) VALUES ('user-created')"
            " RETURNING 'fact_activity_' || id AS message_id"
        )
        await asyncio.sleep(chance.uniform(0, 0.2))
        if chance.random() < 0.1:
            await transaction.rollback()
            written.rolled_back |= {row["message_id"] for row in found}
        else:
            await transaction.commit()
            written.committed |= {row["message_id"]: time.monotonic() for row in found}
        # Slower than messages are sent, so that a delay has another cause than their number.
        await asyncio.sleep(chance.uniform(0.5, 1.5))
    await connection.close()


def kill_between_claim_and_answer(
    database_url: str, db: psycopg.Connection, good: Receiver, slow: Receiver
) -> None:
    """Run a process until it waits for answers of the good receiver, and kill it."""
    good.hang()
    before = len(good.messages), len(slow.messages)
    with background(database_url):
        good.wait_for(lambda messages: len(messages) > before[0])
        slow.wait_for(lambda messages: len(messages) > before[1])
    good.answering.set()
    # The minute of its claims is over.
    db.execute("UPDATE webhook_deliveries SET next_attempt_at = now() WHERE delivered_at IS NULL")


async def test_ten_writers_and_killed_processes_lose_no_message(
    database_url: str, db: psycopg.Connection
) -> None:
    written = Written()
    with receiving() as good, receiving() as slow:
        slow.hang()
        add_endpoint(db, good)
        add_endpoint(db, slow)
        async with asyncio.TaskGroup() as group:
            writers = [
                group.create_task(write(database_url, written, seed)) for seed in range(WRITERS)
            ]
            for _ in range(KILLS):
                await asyncio.to_thread(kill_between_claim_and_answer, database_url, db, good, slow)
            with background(database_url):
                await asyncio.to_thread(await_true, db, NOTHING_CLAIMED_BY_THE_DEAD)
                undisturbed_from = time.monotonic()
                await asyncio.sleep(4)
                written.ended = True
                # A writer may still commit once; the process runs until that has arrived as well.
                await asyncio.wait(writers)
                await asyncio.to_thread(
                    good.wait_for, lambda _: written.committed.keys() <= first_arrivals(good).keys()
                )

    arrived = first_arrivals(good)
    assert arrived.keys() == written.committed.keys()
    assert not arrived.keys() & written.rolled_back
    # An id always has the same bytes, and something was sent more than once.
    assert len({(message.id, message.body) for message in good.messages}) == len(arrived)
    assert len(good.messages) > len(arrived)
    delays = [
        arrived[message_id] - at
        for message_id, at in written.committed.items()
        if at > undisturbed_from
    ]
    assert len(delays) > 20
    assert max(delays) < LONGEST_DELAY


# What the killed processes left for the good receiver has been delivered.
NOTHING_CLAIMED_BY_THE_DEAD = (
    "SELECT count(*) > 0 AND count(*) FILTER (WHERE delivered_at IS NULL) < 20"
    " FROM webhook_deliveries WHERE endpoint_id = (SELECT min(id) FROM webhook_endpoints)"
)


def first_arrivals(receiver: Receiver) -> dict[str, float]:
    """Return when each message came first."""
    first: dict[str, float] = {}
    for message in list(receiver.messages):
        first.setdefault(message.id, message.at)
    return first

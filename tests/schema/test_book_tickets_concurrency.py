"""Overlapping batches from many connections: no deadlock, one booking a key, correct refusals."""

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack

import asyncpg
import psycopg
import pytest

from tests.support.locks import raise_lock_timeout
from tests.support.rows import add_event, add_user, value

CONNECTIONS = 4
ROUNDS = 150
QUERY = (
    "SELECT request_no, error_code, error_detail, (booking).id, replayed"
    " FROM book_tickets($1::booking_request[])"
)
Request = tuple[int, int, int, str | None]


@pytest.fixture
async def connections(
    database_url: str, db: psycopg.Connection
) -> AsyncIterator[list[asyncpg.Connection]]:
    raise_lock_timeout(db)
    async with AsyncExitStack() as stack:
        opened = []
        for _ in range(CONNECTIONS):
            connection = await asyncpg.connect(database_url)
            stack.push_async_callback(connection.close)
            opened.append(connection)
        yield opened


async def ask(connection: asyncpg.Connection, requests: Sequence[Request]) -> list[asyncpg.Record]:
    return await connection.fetch(QUERY, [(*request, None, None) for request in requests])


async def test_overlapping_batches_neither_deadlock_nor_refuse_wrongly(
    db: psycopg.Connection, connections: list[asyncpg.Connection]
) -> None:
    chance = random.Random(4711)
    users = [add_user(db) for _ in range(3)]
    booking_of_key: dict[tuple[int, str], int] = {}
    sold_out: dict[tuple[int, str], set[tuple[int, int]]] = defaultdict(set)

    for number in range(ROUNDS):
        # There are few tickets, so that most rounds sell out, and new keys, so that each key is new
        # to all.
        events = [add_event(db, capacity=chance.randint(3, 15)) for _ in range(3)]
        keys = [f"{number}-{letter}" for letter in "abcdef"]
        batches: list[list[Request]] = [
            [
                (chance.choice(users), event_id, chance.randint(1, 3), chance.choice(keys))
                # Each connection uses another order.
                for event_id in chance.sample(events * 5, 15)
            ]
            for _ in connections
        ]
        if number % 2:
            # Each connection books its own event, so no event lock separates equal keys.
            own = [add_event(db, capacity=chance.randint(10, 40)) for _ in connections]
            batches = [
                [(user_id, event_id, quantity, key) for user_id, _, quantity, key in requests]
                for event_id, requests in zip(own, batches, strict=True)
            ]
        # Two connections send the same requests, as retries do.
        batches[-1] = chance.sample(batches[0], len(batches[0]))

        # Any error, above all a deadlock, ends the test here.
        answers = await asyncio.gather(*map(ask, connections, batches))

        for requests, batch in zip(batches, answers, strict=True):
            for (user_id, event_id, quantity, key), answer in zip(requests, batch, strict=True):
                assert key is not None
                if answer["error_code"] is None:
                    known = booking_of_key.setdefault((user_id, key), answer["id"])
                    assert known == answer["id"], "two bookings for one key"
                elif answer["error_code"] == "TK001":
                    sold_out[user_id, key].add((event_id, quantity))
                else:
                    assert answer["error_code"] == "TK007"

    booked = db.execute(
        "SELECT user_id, idempotency_key, event_id, quantity FROM bookings"
    ).fetchall()
    assert len(booked) == len(booking_of_key)
    # Nothing is cancelled here, so a request refused as sold out cannot succeed later.
    wrongly_refused = [
        (user_id, key)
        for user_id, key, event_id, quantity in booked
        if (event_id, quantity) in sold_out[user_id, key]
    ]
    assert wrongly_refused == []
    assert sum(map(len, sold_out.values())) > ROUNDS


async def test_five_hundred_requests_compete_for_fifty_tickets(
    db: psycopg.Connection, connections: list[asyncpg.Connection]
) -> None:
    event_id = add_event(db, capacity=50)
    users = [add_user(db) for _ in range(50)]
    waiting = [(users[n % 50], event_id, 1, f"key-{n}") for n in range(500)]

    async def serve(connection: asyncpg.Connection) -> list[str | None]:
        codes: list[str | None] = []
        while waiting:
            size = random.randint(1, 20)
            requests, waiting[:size] = waiting[:size], []
            codes += [answer["error_code"] for answer in await ask(connection, requests)]
        return codes

    codes = [code for part in await asyncio.gather(*map(serve, connections)) for code in part]

    assert sorted(code or "" for code in codes) == [""] * 50 + ["TK001"] * 450
    assert value(db, "SELECT count(*) FROM tickets") == 50


async def test_single_bookings_from_many_connections_fill_an_event_exactly(
    db: psycopg.Connection, connections: list[asyncpg.Connection]
) -> None:
    event_id, user_id = add_event(db, capacity=37), add_user(db)

    async def book_until_refused(connection: asyncpg.Connection) -> int:
        booked = 0
        while True:
            quantity = random.randint(1, 5)
            (answer,) = await ask(connection, [(user_id, event_id, quantity, None)])
            if answer["error_code"] is None:
                booked += quantity
            else:
                assert answer["error_code"] == "TK001"
                if quantity == 1:
                    return booked

    assert sum(await asyncio.gather(*map(book_until_refused, connections))) == 37

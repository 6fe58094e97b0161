"""Functions and manual statements at once oversell nothing, now or at any earlier moment."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from typing import LiteralString

import asyncpg
import psycopg

from tests.faults.writers import ManualWriter, SharedState, Writer
from tests.support.event_contradictions import contradictions
from tests.support.locks import raise_lock_timeout
from tests.support.rows import add_event, add_user, rows, value

WRITERS, HAND_WRITERS = 10, 14
SECONDS, LONG_SECONDS, PATIENCE_SECONDS = 4, 60, 60
EVENTS, CUSTOMERS = 6, 5

# Each moment of a change, from the history.
FULLER_THAN_THE_HALL: LiteralString = """
SELECT moment.event_id, moment.at, past.tickets_sold, past.capacity
FROM (
    SELECT event_id, at FROM event_figures
    UNION
    SELECT event_id, at FROM event_versions
) AS moment
CROSS JOIN LATERAL event_as_of(moment.event_id, moment.at) AS past
WHERE past.tickets_sold > past.capacity
"""
# The same, computed from bookings and tickets alone.
MORE_BOOKED_THAN_THE_HALL_HOLDS: LiteralString = """
SELECT event_id, at, booked, capacity
FROM (
    SELECT event_id, at, sum(sum(quantity)) OVER (PARTITION BY event_id ORDER BY at) AS booked
    FROM (
        SELECT event_id, booking_date AS at, quantity FROM bookings
        UNION ALL
        SELECT event_id, cancelled_at, -quantity FROM bookings WHERE status = 'cancelled'
        UNION ALL
        SELECT event_id, at, 0 FROM event_versions
    ) AS change
    GROUP BY event_id, at
) AS moment
CROSS JOIN LATERAL (
    SELECT (fields ->> 'capacity')::integer AS capacity
    FROM event_versions
    WHERE event_versions.event_id = moment.event_id
        AND event_versions.at <= moment.at
    ORDER BY version DESC
    LIMIT 1
) AS version
WHERE booked > capacity
"""
NOT_AS_IT_IS: LiteralString = """
SELECT events.id
FROM events
FULL JOIN events_as_of(clock_timestamp()) AS past ON past.id = events.id
WHERE to_jsonb(events) IS DISTINCT FROM to_jsonb(past)
"""


EXPECTED = (
    {"book", "book_batch", "cancel", "check_in", "edit", "observe", "TK001"},
    {"insert", "merge", "insert_or_cancel", "cancel_manually", "admit_manually", "23001", "23514"},
)


def outcomes(writers: Sequence[Writer]) -> Counter[str]:
    return sum((writer.outcomes for writer in writers), Counter[str]())


def happened(writers: Sequence[Writer]) -> bool:
    """Return whether every important outcome happened at least once."""
    groups = writers[:WRITERS], writers[WRITERS:]
    return all(
        outcomes(group).keys() >= expected for group, expected in zip(groups, EXPECTED, strict=True)
    )


async def test_functions_and_manual_writes_never_oversell(
    db: psycopg.Connection,
    superuser_url: str,
    database_url: str,
    minutes: float,
    add_to_summary: Callable[[str], None],
) -> None:
    raise_lock_timeout(db)
    with psycopg.connect(superuser_url) as superuser:
        superuser.execute("GRANT SET ON PARAMETER deadlock_timeout TO owner")
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    shared = SharedState(
        [add_user(db) for _ in range(CUSTOMERS)],
        add_user(db, role="admin"),
        [
            add_event(db, capacity=random.Random(seed).randint(20, 80), price=5)
            for _ in range(EVENTS)
        ],
    )
    async with AsyncExitStack() as connections:
        writers: list[Writer] = []
        for number in range(WRITERS + HAND_WRITERS):
            is_manual = number >= WRITERS
            connection = await asyncpg.connect(
                database_url, server_settings={"deadlock_timeout": "100ms"}
            )
            connections.push_async_callback(connection.close)
            if is_manual:
                shared.manual_writers.add(connection.get_server_pid())
            kind = ManualWriter if is_manual else Writer
            writers.append(kind(connection, random.Random(seed + number), shared))
        end = time.monotonic() + (LONG_SECONDS if minutes else SECONDS)

        def working() -> bool:
            """Return whether to go on; a slow machine gets more time for all outcomes."""
            late = time.monotonic() - end
            return late < 0 or (late < PATIENCE_SECONDS and not happened(writers))

        async def work(writer: Writer) -> None:
            while working():
                await writer.step()

        async def replace_ended_events() -> None:
            owner = await asyncpg.connect(database_url)
            connections.push_async_callback(owner.close)
            while working():
                ended = await owner.fetch(
                    "SELECT id FROM events WHERE id = ANY ($1::bigint[]) AND status <> 'active'",
                    shared.events,
                )
                for row in ended:
                    shared.events[shared.events.index(row["id"])] = await owner.fetchval(
                        "SELECT create_event('Bop', '', 'Hall', now() + interval '9 days', 'UTC',"
                        " 40, 5, 10, $1)",
                        shared.admin,
                    )
                await asyncio.sleep(0.05)

        await asyncio.gather(replace_ended_events(), *map(work, writers))

    through_functions, manual = outcomes(writers[:WRITERS]), outcomes(writers[WRITERS:])
    add_to_summary(
        f"manual statements and functions at once, seed {seed}: {len(shared.seen)} moments"
        f" remembered; through functions {dict(through_functions)}; manually {dict(manual)}"
    )
    assert happened(writers)
    assert rows(db, "SELECT * FROM integrity_violations") == []
    assert contradictions(db, {"full_event": "1"}) == []
    assert rows(db, FULLER_THAN_THE_HALL) == []
    assert rows(db, MORE_BOOKED_THAN_THE_HALL_HOLDS) == []
    assert rows(db, NOT_AS_IT_IS) == []
    assert value(db, "SELECT count(*) FROM event_figures") > 100
    assert shared.seen
    for event_id, at, row in shared.seen:
        assert value(
            db,
            "SELECT to_jsonb(past) = %s::jsonb FROM event_as_of(%s, %s) AS past",
            row,
            event_id,
            at,
        ), (event_id, at)

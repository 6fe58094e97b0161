"""An event with a hundred thousand bookings is exported without holding them in memory."""

import csv
from pathlib import Path

import httpx2
import psycopg
import pytest

from tests.api.site import Caller, Site, new_client
from tests.schema.support import add_event
from tests.servers import ServerProcess, serving

BOOKINGS = 100_000
FEW = 5_000
MORE_MEMORY = 6_000_000


@pytest.mark.plants_contradictions  # bookings without tickets, to have them soon
async def test_100_000_bookings_are_streamed_in_constant_memory(
    database_url: str, db: psycopg.Connection, tmp_path: Path
) -> None:
    with serving(database_url, tmp_path, [{}]) as (server,):
        transport = httpx2.AsyncHTTPTransport(verify=False)
        async with new_client(transport, server.address) as client:
            admin = Site(client, db).admin()
            few, many = (filled_event(db, admin.id, number) for number in (FEW, BOOKINGS))
            # Once before, so that what every export needs is there.
            for _ in range(2):
                rows, size, _ = await export(admin, client, few, server)
                assert rows == FEW
            before = server.memory()
            rows, size, most = await export(admin, client, many, server)
    assert rows == BOOKINGS
    # The file alone is larger than what it may take; as objects it is many times as large.
    assert size > MORE_MEMORY
    assert most - before < MORE_MEMORY, f"{most - before:,} bytes more for {size:,} bytes"


def filled_event(db: psycopg.Connection, user_id: int, bookings: int) -> int:
    event = add_event(db, capacity=200_000)
    db.execute(
        "INSERT INTO bookings (user_id, event_id, quantity, unit_price, total_amount, booked_by,"
        " booking_date)"
        " SELECT %(user)s, %(event)s, 1, 20, 20, %(user)s, now() - number * interval '1 second'"
        " FROM generate_series(1, %(bookings)s) AS number",
        {"user": user_id, "event": event, "bookings": bookings},
    )
    return event


async def export(
    admin: Caller, client: httpx2.AsyncClient, event: int, server: ServerProcess
) -> tuple[int, int, int]:
    """Return how many rows and bytes came, and the most memory the server held meanwhile."""
    size = most = 0
    rest = b""
    rows: list[bytes] = []
    headers = {"Cookie": f"session={admin.person.token}"}
    path = f"/api/bookings/event/{event}.csv"
    async with client.stream("GET", path, headers=headers) as response:
        assert response.status_code == 200
        async for piece in response.aiter_bytes():
            size += len(piece)
            *complete, rest = (rest + piece).split(b"\r\n")
            if len(rows) // 2_000 < (len(rows) + len(complete)) // 2_000:
                most = max(most, server.memory())
            rows += complete
    assert rest == b""
    numbers = {row[0] for row in csv.reader(line.decode() for line in rows[1:])}
    return len(numbers), size, most

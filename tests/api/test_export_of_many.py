"""A very long export is written without holding its rows in memory."""

import asyncio
import csv
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import anyio
import httpx2
import psycopg
import pytest
from openpyxl import load_workbook

from tests.support.application import Api, Caller, new_client
from tests.support.rows import add_event, repair
from tests.support.servers import ServerProcess, serving

# Reads the rows of a file without the header.
Reader = Callable[[Path], list[int]]

FEW = 2_000
MORE_MEMORY = 6_000_000


def numbers_in_csv(path: Path) -> list[int]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [int(row["booking_id"]) for row in csv.DictReader(file, delimiter=";")]


def numbers_in_xlsx(path: Path) -> list[int]:
    with closing(load_workbook(path, read_only=True)) as book:
        (sheet,) = book.worksheets
        return [int(str(number)) for (number,) in sheet.iter_rows(2, max_col=1, values_only=True)]


@pytest.mark.leaves_contradictions
@pytest.mark.parametrize(
    ("kind", "read", "bookings"),
    # The files are larger than the memory an export may use: 12 MB of CSV, and 22 MB of XML inside
    # the .xlsx file. As Python objects the rows would be many times larger.
    (("csv", numbers_in_csv, 100_000), ("xlsx", numbers_in_xlsx, 40_000)),
)
async def test_bookings_are_exported_in_constant_memory(
    database_url: str,
    db: psycopg.Connection,
    tmp_path: Path,
    kind: str,
    read: Reader,
    bookings: int,
) -> None:
    with serving(database_url, tmp_path, [{}]) as (server,):
        transport = httpx2.AsyncHTTPTransport(verify=False)
        async with new_client(transport, server.address) as client:
            admin = Api(client, db).admin()
            few, many = (filled_event(db, admin.id, number) for number in (FEW, bookings))
            file = tmp_path / f"bookings.{kind}"
            # An export before the measurement allocates what every export needs.
            for _ in range(2):
                await export(admin, client, few, server, file)
                assert len(read(file)) == FEW
            before = server.memory()
            most = await export(admin, client, many, server, file)
    assert most - before < MORE_MEMORY, f"{most - before:,} bytes more"
    found = read(file)
    assert len(found) == bookings
    # The export is oldest first, but the newest booking was numbered first.
    assert all(earlier > later for earlier, later in pairwise(found))


def filled_event(db: psycopg.Connection, user_id: int, bookings: int) -> int:
    """Add an event with bookings, which have no tickets: to write those would take a minute."""
    event = add_event(db, capacity=200_000)
    with repair(db):
        db.execute("ALTER TABLE bookings DISABLE TRIGGER USER")
        db.execute(
            "INSERT INTO bookings (user_id, event_id, quantity, unit_price, total_amount,"
            " booked_by, booking_date)"
            " SELECT %(user)s, %(event)s, 1, 20, 20, %(user)s,"
            " now() - number * interval '1 second'"
            " FROM generate_series(1, %(bookings)s) AS number",
            {"user": user_id, "event": event, "bookings": bookings},
        )
        db.execute("ALTER TABLE bookings ENABLE TRIGGER USER")
    return event


async def export(
    admin: Caller, client: httpx2.AsyncClient, event: int, server: ServerProcess, file: Path
) -> int:
    """Save the file, and return the largest memory use of the server meanwhile."""
    headers = {"Cookie": f"session={admin.person.token}"}
    path = f"/api/bookings/event/{event}{file.suffix}"
    task = asyncio.create_task(save(client, path, headers, file))
    most = 0
    while not task.done():
        most = max(most, await asyncio.to_thread(server.memory))
        await asyncio.wait([task], timeout=0.05)
    await task
    return most


async def save(client: httpx2.AsyncClient, path: str, headers: dict[str, str], file: Path) -> None:
    async with client.stream("GET", path, headers=headers, timeout=120) as response:
        assert response.status_code == 200
        async with await anyio.open_file(file, "wb") as saved:
            async for piece in response.aiter_bytes():
                await saved.write(piece)

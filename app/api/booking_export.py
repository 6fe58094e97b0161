"""An event's bookings as files for spreadsheets: CSV and .xlsx with the same rows."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
import asyncpg
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE
from starlette.requests import Request
from starlette.responses import StreamingResponse

from app.data.queries import statement
from app.http import security_events
from app.http.downloads import Download
from app.http.endpoints import endpoint
from app.http.fields import Id
from app.http.identity import Who
from app.http.money import with_decimals
from app.http.problems import Problem
from app.http.scopes import EventOf
from app.http.services import Services
from app.http.spreadsheets import BYTE_ORDER_MARK, Cell, CsvDialect, XlsxFile
from app.settings import Settings

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# The columns of both files, with the widths in characters that they have in the .xlsx file.
COLUMNS = {
    "booking_id": 12,
    "booking_date": 20,
    "time_zone": 20,
    "status": 11,
    "customer": 32,
    "phone": 20,
    "quantity": 9,
    "unit_price": 12,
    "total_amount": 14,
    "currency": 9,
    "tickets_checked_in": 18,
    "cancelled_at": 20,
}
ROWS_AT_ONCE = 50
# The other requests of the process wait while this many rows are written: about a millisecond.
ROWS_IN_A_TURN = 10
# Characters of CSV, and bytes of .xlsx, that go to the client at once.
PIECE = 65_536

Pieces = AsyncGenerator[str | bytes, None]


@endpoint(
    "GET",
    "/bookings/event/{id}.csv",
    who=Who.ADMIN,
    problems=("event-not-found",),
    media_type="text/csv",
    scopes=("reports",),
    event_of=EventOf.PATH,
)
async def export_event_bookings_csv(
    services: Services, request: Request, id: Id
) -> StreamingResponse:
    """Return all bookings of an event as a CSV file, oldest first.

    UTF-8 with a byte order mark. The separator and the decimal mark are those of spreadsheets in
    the installation's region (DEFAULT_REGION). Times are wall time at the venue, in time_zone.
    A text that a spreadsheet would run as a formula has an apostrophe before it.
    """
    return await _download(services, request, id, _csv, "csv", "text/csv; charset=utf-8")


@endpoint(
    "GET",
    "/bookings/event/{id}.xlsx",
    who=Who.ADMIN,
    problems=("event-not-found",),
    media_type=XLSX,
    scopes=("reports",),
    event_of=EventOf.PATH,
)
async def export_event_bookings_xlsx(
    services: Services, request: Request, id: Id
) -> StreamingResponse:
    """Return all bookings of an event as an .xlsx file, oldest first.

    It has the rows and columns of the CSV file. Times are wall time at the venue, in time_zone.
    """
    return await _download(services, request, id, _xlsx, "xlsx", XLSX)


async def _download(
    services: Services,
    request: Request,
    event_id: int,
    write: Callable[[Services, int], Pieces],
    extension: str,
    media_type: str,
) -> StreamingResponse:
    if await services.database.row("get_event", event_id=event_id) is None:
        raise Problem("event-not-found")
    # HEAD asks for the headers only: nothing is read or written for it.
    pieces = _nothing() if request.method == "HEAD" else write(services, event_id)
    # When the server is too busy or has no database, the answer can still be a problem now. Once
    # the file has begun, it could only be a broken file.
    first = await anext(pieces)
    name = f"event-{event_id}-bookings.{extension}"
    if request.method != "HEAD":
        security_events.record(request, "export", file=name)
    return Download(
        _resumed(first, pieces),
        media_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


async def _nothing() -> Pieces:
    yield b""


async def _resumed(first: str | bytes, pieces: Pieces) -> AsyncIterator[str | bytes]:
    async with aclosing(pieces):
        yield first
        async for piece in pieces:
            yield piece


async def _csv(services: Services, event_id: int) -> Pieces:
    """Yield the file in pieces while its rows come."""
    dialect = CsvDialect.of(services.settings.default_region)
    piece = BYTE_ORDER_MARK + dialect.line(COLUMNS)
    async with aclosing(_rows(services, event_id)) as rows:
        async for row in rows:
            piece += dialect.line(row)
            if len(piece) > PIECE:
                yield piece
                piece = ""
    yield piece


async def _xlsx(services: Services, event_id: int) -> Pieces:
    """Yield the file in pieces, once it is whole: an .xlsx file cannot be begun before that."""
    with TemporaryDirectory(prefix="marquee-export-") as folder:
        path = Path(folder, "bookings.xlsx")
        book = XlsxFile(path, "Bookings", COLUMNS)
        try:
            async with aclosing(_rows(services, event_id)) as rows:
                async for row in rows:
                    book.add(row)
        finally:
            # Also when the client is gone: this closes the files that hold the rows.
            await _to_its_end(book.close)
        async with await anyio.open_file(path, "rb") as file:
            while piece := await file.read(PIECE):
                yield piece


async def _to_its_end(work: Callable[[], object]) -> None:
    """Run work in a thread, and wait for its end even when cancelled: its folder goes next."""
    running = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        await asyncio.shield(running)
    finally:
        await asyncio.wait([running])


async def _rows(services: Services, event_id: int) -> AsyncGenerator[Sequence[Cell], None]:
    """Yield the rows of the file; they come through a cursor, so memory use is constant."""
    export = statement("export_event_bookings", event_id=event_id)
    async with (
        services.database.export_connection() as connection,
        connection.transaction(readonly=True),
    ):
        cursor = connection.cursor(*export, prefetch=ROWS_AT_ONCE)
        in_turn = 0
        async for row in cursor:
            yield _cells(row, services.settings)
            in_turn += 1
            if in_turn == ROWS_IN_A_TURN:
                in_turn = 0
                await asyncio.sleep(0)


def _cells(row: asyncpg.Record, settings: Settings) -> Sequence[Cell]:
    decimals = settings.currency_decimals
    values: dict[str, Any] = {
        **row,
        # An erased customer has none.
        "phone": row["phone"] and phone_as_text(row["phone"]),
        "unit_price": with_decimals(row["unit_price"], decimals),
        "total_amount": with_decimals(row["total_amount"], decimals),
        "currency": settings.currency,
    }
    return [values[name] for name in COLUMNS]


def phone_as_text(phone: str) -> str:
    """Return a phone in E.164 as `(+49) 1711234567`.

    No spreadsheet takes that for a number or a formula, as all do with `+491711234567` and some
    with `+49 171 1234567`. People can read it, and so can every parser of phone numbers.
    """
    digits = phone.removeprefix("+")
    # No country's code is the beginning of another's.
    code = next(
        (digits[:size] for size in (1, 2, 3) if int(digits[:size]) in COUNTRY_CODE_TO_REGION_CODE),
        digits[:3],
    )
    return f"(+{code}) {digits.removeprefix(code)}"

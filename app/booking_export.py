"""An event's bookings as a file for spreadsheets."""

import csv
import io
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from starlette.responses import StreamingResponse

from app.application import Application
from app.downloads import Download
from app.endpoints import endpoint
from app.fields import Id
from app.identity import SignedIn
from app.problems import Problem
from app.queries import query as sql

CSV_COLUMNS = (
    "booking_id",
    "booking_date",
    "status",
    "customer",
    "phone",
    "quantity",
    "unit_price",
    "total_amount",
    "tickets_checked_in",
    "cancelled_at",
)


@endpoint("GET", "/bookings/event/{id}.csv", problems=("event-not-found",), media_type="text/csv")
async def export_event_bookings(app: Application, admin: SignedIn, id: Id) -> StreamingResponse:
    """Return all bookings of an event as a CSV file (RFC 4180), oldest first."""
    if await app.database.row("get_event", id) is None:
        raise Problem("event-not-found")
    pieces = _csv(app, id)
    # Too busy, or no database: that is still a problem now, and a broken file once it has begun.
    first = await anext(pieces)
    return Download(
        _resumed(first, pieces),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="event-{id}-bookings.csv"',
            "Cache-Control": "no-store",
        },
    )


async def _resumed(first: str, pieces: AsyncGenerator[str, None]) -> AsyncIterator[str]:
    async with aclosing(pieces):
        yield first
        async for piece in pieces:
            yield piece


async def _csv(app: Application, event_id: int) -> AsyncGenerator[str, None]:
    """Yield the file in pieces; rows come through a cursor, so memory stays the same."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(CSV_COLUMNS)
    async with (
        app.database.export_connection() as connection,
        connection.transaction(readonly=True),
    ):
        async for row in connection.cursor(sql("export_event_bookings"), event_id, prefetch=500):
            writer.writerow([_cell(value) for value in row])
            if buffer.tell() > 32_768:
                yield buffer.getvalue()
                buffer.seek(0)
                buffer.truncate()
    yield buffer.getvalue()


def _cell(value: object) -> object:
    """Return what a spreadsheet shows and does not run.

    A text that begins like a formula gets an apostrophe in front:
    https://owasp.org/www-community/attacks/CSV_Injection
    """
    if hasattr(value, "isoformat"):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return f"'{value}"
    return value

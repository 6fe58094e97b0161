"""The exported bookings of an event, read back as spreadsheets of two regions read them."""

import asyncio
import codecs
import csv
import io
import tempfile
import threading
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from app.api.booking_export import XLSX
from app.data import database
from app.http.spreadsheets import XlsxFile
from tests.support.application import Api, Caller, in_process
from tests.support.rows import add_booking, add_event, in_days

COLUMNS = [
    *("booking_id", "booking_date", "time_zone", "status", "customer", "phone", "quantity"),
    *("unit_price", "total_amount", "currency", "tickets_checked_in", "cancelled_at"),
]
# Names that any user may choose, and how the CSV file must contain them.
NAMES = {
    "Jürgen Groß": "Jürgen Groß",
    'Ana "the voice", Sommer': 'Ana "the voice", Sommer',
    'Max;=HYPERLINK("http://evil.example")': 'Max;\'=HYPERLINK("http://evil.example")',
    "=1+1": "'=1+1",
    "-2+3": "'-2+3",
    "@SUM(A1)": "'@SUM(A1)",
    "\uff1d1+1": "'\uff1d1+1",
    "\u200b=1+1": "'\u200b=1+1",
    "Bo|+1,-1": "Bo|'+1,'-1",
    "O'Hara\u2028=x": "O'Hara\u2028'=x",
    "Zoë; Ångström 🎫": "Zoë; Ångström 🎫",
}


def fill(api: Api) -> tuple[int, list[int]]:
    """Add an event in Auckland with a booking of each name, and one that is cancelled."""
    event = add_event(
        api.db,
        price="1234.50",
        time_zone="Pacific/Auckland",
        created_at=in_days(-365),
    )
    at = datetime(2026, 1, 15, 11, 0, 59, 999_999, tzinfo=UTC)
    people = [api.customer(name, phone=f"+4930{number:07}") for number, name in enumerate(NAMES)]
    booked = [add_booking(api.db, ana.id, event, 2, booking_date=at) for ana in people]
    times = {"booking_date": at.replace(month=6), "cancelled_at": at.replace(month=7, day=16)}
    booked.append(add_booking(api.db, people[0].id, event, 1, status="cancelled", **times))
    return event, booked


async def csv_file(admin: Caller, event: int, separator: str) -> list[dict[str, str]]:
    """Return the rows as read by a program that relies on the byte order mark and the separator."""
    response = await admin.get(f"/api/bookings/event/{event}.csv")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"] == (
        f'attachment; filename="event-{event}-bookings.csv"'
    )
    assert response.content.startswith(codecs.BOM_UTF8)
    text = io.StringIO(response.content.decode("utf-8-sig"), newline="")
    table = csv.DictReader(text, delimiter=separator, strict=True)
    found = list(table)
    assert table.fieldnames == COLUMNS
    return found


async def xlsx_file(admin: Caller, event: int) -> Worksheet:
    response = await admin.get(f"/api/bookings/event/{event}.xlsx")
    assert response.headers["content-type"] == XLSX
    assert response.headers["content-disposition"] == (
        f'attachment; filename="event-{event}-bookings.xlsx"'
    )
    (sheet,) = load_workbook(io.BytesIO(response.content)).worksheets
    return sheet


async def test_the_csv_file_is_what_a_german_spreadsheet_reads(api: Api) -> None:
    event, booked = fill(api)
    found = await csv_file(api.admin(), event, ";")
    assert [row["customer"] for row in found] == [*NAMES.values(), "Jürgen Groß"]
    assert [int(row["booking_id"]) for row in found] == booked
    assert found[3] == {
        "booking_id": str(booked[3]),
        "booking_date": "2026-01-16 00:00:59",
        "time_zone": "Pacific/Auckland",
        "status": "confirmed",
        "customer": "'=1+1",
        "phone": "(+49) 300000003",
        "quantity": "2",
        "unit_price": "1234,50",
        "total_amount": "2469,00",
        "currency": "EUR",
        "tickets_checked_in": "0",
        "cancelled_at": "",
    }
    # Auckland is 13 hours ahead in January, and 12 in June and July.
    last = found[-1]
    assert (last["booking_date"], last["status"]) == ("2026-06-15 23:00:59", "cancelled")
    assert (last["cancelled_at"], last["quantity"]) == ("2026-07-16 23:00:59", "1")


@pytest.mark.parametrize("region", ("GB", "US"))
async def test_the_csv_file_is_what_a_british_or_american_spreadsheet_reads(
    database_url: str, db: psycopg.Connection, region: str
) -> None:
    async with in_process(database_url, DEFAULT_REGION=region, CURRENCY="GBP") as client:
        api = Api(client, db)
        event, _ = fill(api)
        found = await csv_file(api.admin(), event, ",")
    assert [row["customer"] for row in found] == [*NAMES.values(), "Jürgen Groß"]
    assert (found[0]["unit_price"], found[0]["currency"]) == ("1234.50", "GBP")
    assert found[0]["booking_date"] == "2026-01-16 00:00:59"


async def test_text_is_quoted_and_amounts_and_times_are_not(api: Api) -> None:
    event, booked = fill(api)
    response = await api.admin().get(f"/api/bookings/event/{event}.csv")
    assert response.content.decode().split("\r\n")[1] == (
        f'{booked[0]};2026-01-16 00:00:59;"Pacific/Auckland";"confirmed";"Jürgen Groß";'
        '"(+49) 300000000";2;1234,50;2469,00;"EUR";0;'
    )


async def test_the_xlsx_file_has_the_same_rows_in_their_types(api: Api) -> None:
    event, booked = fill(api)
    sheet = await xlsx_file(api.admin(), event)
    header, *lines = sheet.iter_rows()
    assert [cell.value for cell in header] == COLUMNS
    assert all(cell.font.bold for cell in header)
    assert sheet.freeze_panes == "A2"
    assert (sheet.column_dimensions["A"].width, sheet.column_dimensions["E"].width) > (10, 30)
    found = [{str(name.value): cell for name, cell in zip(header, line)} for line in lines]  # noqa: B905
    assert [row["customer"].value for row in found] == [*NAMES, "Jürgen Groß"]
    assert [row["booking_id"].value for row in found] == booked
    assert {name: cell.value for name, cell in found[3].items()} == {
        "booking_id": booked[3],
        "booking_date": datetime.fromisoformat("2026-01-16 00:00:59"),
        "time_zone": "Pacific/Auckland",
        "status": "confirmed",
        "customer": "=1+1",
        "phone": "(+49) 300000003",
        "quantity": 2,
        "unit_price": 1234.5,
        "total_amount": 2469,
        "currency": "EUR",
        "tickets_checked_in": 0,
        "cancelled_at": None,
    }
    assert found[-1]["cancelled_at"].value == datetime.fromisoformat("2026-07-16 23:00:59")
    types = {name: (cell.data_type, cell.number_format) for name, cell in found[-1].items()}
    text, number, amount = ("s", "@"), ("n", "0"), ("n", "#,##0.00")
    time = ("d", "yyyy-mm-dd hh:mm:ss")
    expected = [number, time, text, text, text, text, number, amount, amount, text, number, time]
    assert types == dict(zip(COLUMNS, expected, strict=True))


async def test_an_event_without_bookings_gives_a_header(api: Api) -> None:
    event, admin = add_event(api.db), api.admin()
    assert await csv_file(admin, event, ";") == []
    assert [cell.value for (*row,) in (await xlsx_file(admin, event)).rows for cell in row] == (
        COLUMNS
    )


async def test_every_booking_is_exported_exactly_once(api: Api) -> None:
    """There are more rows than one fetch returns, and more text than one chunk holds."""
    event, admin = add_event(api.db, capacity=2_000), api.admin()
    people = [api.customer(f"{number} {'x' * 190}") for number in range(3)]
    booked = [add_booking(api.db, people[number % 3].id, event) for number in range(501)]
    found = await csv_file(admin, event, ";")
    assert [int(row["booking_id"]) for row in found] == booked
    assert [cell.value for cell in (await xlsx_file(admin, event))["A"][1:]] == booked


async def test_other_requests_are_served_during_an_export(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    event, admin = add_event(api.db, capacity=200), api.admin()
    for _ in range(101):
        add_booking(api.db, admin.id, event)
    turn = 0
    rows_in_turn: Counter[int] = Counter()

    async def take_turns() -> None:
        nonlocal turn
        while True:
            turn += 1
            await asyncio.sleep(0)

    add = XlsxFile.add

    def watched(file: XlsxFile, cells: Any) -> None:
        rows_in_turn[turn] += 1
        add(file, cells)

    monkeypatch.setattr(XlsxFile, "add", watched)
    others = asyncio.create_task(take_turns())
    await xlsx_file(admin, event)
    others.cancel()
    assert rows_in_turn.total() == 101
    assert max(rows_in_turn.values()) <= 10


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files of this process."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def within(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*")]


async def test_no_temporary_file_is_left_after_an_export(
    api: Api, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    event, admin = add_event(api.db), api.admin()
    files: list[list[str]] = []
    close = XlsxFile.close

    def watched(file: Any) -> None:
        close(file)
        files.append(within(temporary))

    monkeypatch.setattr(XlsxFile, "close", watched)
    await xlsx_file(admin, event)
    ((_, name),) = files
    assert name == "bookings.xlsx"
    assert within(temporary) == []


async def test_no_temporary_file_is_left_after_a_failed_export(
    database_url: str, db: psycopg.Connection, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "EXPORTS", 0)
    monkeypatch.setattr(database, "ACQUIRE_SECONDS", 0.5)
    async with in_process(database_url) as client:
        path = f"/api/bookings/event/{add_event(db)}.xlsx"
        response = await Api(client, db).admin().get(path)
        assert (response.status_code, response.json()["type"]) == (503, "/problems/busy")
    assert within(temporary) == []


async def test_a_cancelled_export_keeps_its_folder_until_its_thread_ends(
    api: Api, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    event, admin = add_event(api.db), api.admin()
    began, go_on, ended = threading.Event(), threading.Event(), threading.Event()
    close = XlsxFile.close

    def slow(file: Any) -> None:
        began.set()
        assert go_on.wait(10)
        close(file)
        ended.set()

    monkeypatch.setattr(XlsxFile, "close", slow)
    asked = asyncio.create_task(admin.get(f"/api/bookings/event/{event}.xlsx"))
    assert await asyncio.to_thread(began.wait, 10)
    asked.cancel()
    for _ in range(
        20
    ):  # Iterations of the event loop, in which the task would end if nothing kept it.
        await asyncio.sleep(0)
    assert not asked.done()
    assert within(temporary) != []
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert ended.is_set()
    assert within(temporary) == []

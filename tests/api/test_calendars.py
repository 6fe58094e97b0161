"""Calendar files move and strike out the entries that calendar programs have."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.api import calendars
from app.http import services
from tests.support.application import Api, Caller, in_process
from tests.support.bodies import edited_event, new_event
from tests.support.calendars import ReadEntry, property_of, read_calendar
from tests.support.rows import add_booking, add_event, book, in_days, start_event

START = datetime(2098, 7, 1, 19, 0, tzinfo=UTC)
HOSTILE = (
    "Commas, semicolons; back\\slashes\\n and \\, \\;",
    "BEGIN:VEVENT",
    "\u05e9\u05dc\u05d5\u05dd \u200fabc\u200e \u0645\u0631\u062d\u0628\u0627",
    "\U0001d54e" * 200,
    "e\u0301\u200d\U0001f469\u200d\U0001f3a4" * 28,
    "line\u2028separator\u0085next",
)


async def create(admin: Caller, **fields: object) -> dict[str, Any]:
    body = new_event(**{"date_time": START.isoformat(), **fields})
    response = await admin.post("/api/events", body)
    assert response.status_code == 201, response.text
    event: dict[str, Any] = response.json()
    return event


async def edit(admin: Caller, event_id: int, **fields: object) -> None:
    event = await admin.read(f"/api/events/{event_id}")
    response = await admin.put(f"/api/events/{event_id}", edited_event(event, **fields))
    assert response.status_code == 200, response.text


async def file_of(caller: Caller, path: str) -> bytes:
    response = await caller.get(path)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/calendar; charset=utf-8")
    return response.content


async def only_entry(caller: Caller, path: str) -> ReadEntry:
    (entry,) = read_calendar(await file_of(caller, path))
    return entry


async def new_calendar(caller: Caller) -> str:
    response = await caller.post("/api/calendars")
    assert response.status_code == 201, response.text
    address: str = response.json()["address"]
    return address.removeprefix("http://marquee.localhost")


async def test_an_entry_says_what_was_booked(api: Api) -> None:
    ana, event = (
        api.customer(),
        await create(
            api.admin(), doors_open="20:00", end_time="23:30", address="Am Markt 1, Halle"
        ),
    )
    booking = await ana.book(event["id"], 2)
    path = f"/api/bookings/{booking['id']}"
    response = await ana.get(f"{path}.ics")
    assert response.headers["content-disposition"] == (
        f'attachment; filename="marquee-booking-{booking["id"]}.ics"'
    )
    (entry,) = read_calendar(response.content)
    assert entry.uid == f"booking-{booking['id']}@marquee.localhost"
    assert (entry.sequence, entry.status, entry.title) == (1, "CONFIRMED", "Jazz Night")
    assert (entry.begin, entry.end) == (START, START + timedelta(hours=2, minutes=30))
    assert entry.location == "Town Hall, Am Markt 1, Halle"
    assert entry.description == (
        f"Booking No. {booking['id']}, 2 tickets\nDoors 20:00\n"
        f"http://marquee.localhost/bookings/{booking['id']}"
    )
    assert property_of(response.content, "METHOD") == ["METHOD:PUBLISH"]
    assert property_of(response.content, "DTSTART") == [
        "DTSTART;TZID=Europe/Berlin:20980701T210000"
    ]
    assert response.content.count(b"\r\nTZID:Europe/Berlin\r\n") == 1


async def test_an_event_without_an_end_has_a_usual_length(api: Api) -> None:
    event = await create(api.admin())
    entry = await only_entry(api.anonymous, f"/api/events/{event['id']}.ics")
    assert entry.uid == f"event-{event['id']}@marquee.localhost"
    assert (entry.begin, entry.end) == (START, START + timedelta(hours=2))


@pytest.mark.parametrize("which", ("booking", "feed", "event"))
async def test_an_entry_moves_and_is_struck_out(api: Api, which: str) -> None:
    ana, admin = api.customer(), api.admin()
    event = await create(admin)
    booking = await ana.book(event["id"])
    path = {
        "booking": f"/api/bookings/{booking['id']}.ics",
        "feed": await new_calendar(ana),
        "event": f"/api/events/{event['id']}.ics",
    }[which]
    first = await only_entry(ana, path)

    later = START + timedelta(days=3)
    await edit(admin, event["id"], date_time=later.isoformat(), venue="Stadium")
    moved = await only_entry(ana, path)
    assert (moved.uid, moved.status) == (first.uid, "CONFIRMED")
    assert (moved.begin, moved.location) == (later, "Stadium")
    assert moved.sequence > first.sequence
    assert moved.modified >= first.modified

    await edit(admin, event["id"], status="cancelled", cancellation_reason="The singer is ill.")
    content = await file_of(ana, path)
    (cancelled,) = read_calendar(content)
    assert (cancelled.uid, cancelled.status) == (first.uid, "CANCELLED")
    assert cancelled.sequence > moved.sequence
    assert cancelled.description.startswith("The singer is ill.\nCancelled.")
    assert property_of(content, "METHOD") == [
        "METHOD:PUBLISH" if which == "feed" else "METHOD:CANCEL"
    ]


@pytest.mark.parametrize("edits", (0, 3))
async def test_a_cancelled_booking_is_above_what_was_published(api: Api, edits: int) -> None:
    ana, admin = api.customer(), api.admin()
    event = await create(admin)
    booking = await ana.book(event["id"])
    for number in range(edits):
        await edit(admin, event["id"], title=f"Title {number}")
    path = f"/api/bookings/{booking['id']}"
    before = await only_entry(ana, f"{path}.ics")
    assert (await ana.put(path, {"status": "cancelled"})).status_code == 200
    content = await file_of(ana, f"{path}.ics")
    (after,) = read_calendar(content)
    assert (after.status, after.sequence) == ("CANCELLED", before.sequence + 1)
    assert property_of(content, "METHOD") == ["METHOD:CANCEL"]
    await edit(admin, event["id"], title="Later")
    assert (await only_entry(ana, f"{path}.ics")).sequence == before.sequence + 2


@pytest.mark.parametrize("title", HOSTILE)
async def test_a_hostile_title_stays_a_title(api: Api, title: str) -> None:
    title = title.replace("\u0085", " ")  # A control character, which no title may have.
    admin, ana = api.admin(), api.customer()
    event = await create(admin, title=title, venue=title)
    booking = await ana.book(event["id"])
    content = await file_of(ana, f"/api/bookings/{booking['id']}.ics")
    written = event["title"].replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
    assert property_of(content, "SUMMARY") == [f"SUMMARY:{written}"]
    assert content.count(b"\r\nBEGIN:VEVENT\r\n") == 1
    if "\u2028" not in title and "\\n" not in title:
        (entry,) = read_calendar(content)
        assert entry.title == event["title"]


@pytest.mark.parametrize(
    ("moment", "written"),
    (
        # The last minute before the clocks go forward, and the first one after it.
        ("2098-03-30T01:59:00", "DTSTART;TZID=Europe/Berlin:20980330T015900"),
        ("2098-03-30T03:00:00", "DTSTART;TZID=Europe/Berlin:20980330T030000"),
    ),
)
async def test_times_around_a_change_of_the_clocks(api: Api, moment: str, written: str) -> None:
    event = await create(api.admin(), date_time=moment)
    content = await file_of(api.anonymous, f"/api/events/{event['id']}.ics")
    (entry,) = read_calendar(content)
    assert entry.begin == datetime.fromisoformat(event["date_time"])
    assert property_of(content, "DTSTART") == [written]


async def test_the_second_of_two_equal_hours_is_in_utc(api: Api) -> None:
    # At 01:00 in UTC the clocks in Berlin go back from 03:00 to 02:00.
    for moment, written in (
        ("2098-10-26T00:30:00Z", "DTSTART;TZID=Europe/Berlin:20981026T023000"),
        ("2098-10-26T01:30:00Z", "DTSTART:20981026T013000Z"),
    ):
        event = await create(api.admin(), date_time=moment)
        content = await file_of(api.anonymous, f"/api/events/{event['id']}.ics")
        (entry,) = read_calendar(content)
        assert entry.begin == datetime.fromisoformat(moment)
        assert property_of(content, "DTSTART") == [written]


async def test_a_zone_without_rules_is_in_utc(api: Api) -> None:
    event = add_event(api.db, date_time=START)
    api.db.execute("ALTER TABLE events DISABLE TRIGGER USER")
    api.db.execute("UPDATE events SET time_zone = 'Mars/Olympus' WHERE id = %s", [event])
    api.db.execute("ALTER TABLE events ENABLE TRIGGER USER")
    content = await file_of(api.anonymous, f"/api/events/{event}.ics")
    assert property_of(content, "DTSTART") == ["DTSTART:20980701T190000Z"]
    assert b"VTIMEZONE" not in content


async def test_a_calendar_holds_the_bookings_of_its_customer(api: Api) -> None:
    ana, ben = api.customer(), api.customer("Ben Winter")
    coming, other = add_event(api.db, title="Coming"), add_event(api.db, title="Other")
    recent, old = add_event(api.db, title="Recent"), add_event(api.db, title="Old")
    for event in (coming, recent, old):
        booked = book(api.db, ana.id, event, 2)
    await ben.book(other)
    start_event(api.db, recent)
    api.db.execute("ALTER TABLE events DISABLE TRIGGER USER")
    api.db.execute(
        "UPDATE events SET created_at = now() - interval '9 weeks', date_time = %s,"
        " local_date_time = timezone('UTC', %s) WHERE id = %s",
        [in_days(-43), in_days(-43), old],
    )
    api.db.execute("ALTER TABLE events ENABLE TRIGGER USER")
    content = await file_of(api.anonymous, await new_calendar(ana))
    assert [entry.title for entry in read_calendar(content)] == ["Recent", "Coming"]
    for secret in (*booked["ticket_codes"], ana.person.phone, "Ana Sommer"):
        assert secret.encode() not in content
    assert property_of(content, "REFRESH-INTERVAL") == ["REFRESH-INTERVAL;VALUE=DURATION:PT1H"]
    assert property_of(content, "X-PUBLISHED-TTL") == ["X-PUBLISHED-TTL:PT1H"]


async def test_a_calendar_of_nobodys_bookings_is_empty(api: Api) -> None:
    content = await file_of(api.anonymous, await new_calendar(api.customer()))
    assert read_calendar(content) == []


async def test_an_unchanged_calendar_is_not_sent_again(api: Api) -> None:
    ana = api.customer()
    booking = await ana.book(add_event(api.db))
    path = await new_calendar(ana)
    first = await api.anonymous.get(path)
    again = await api.anonymous.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    await ana.put(f"/api/bookings/{booking['id']}", {"status": "cancelled"})
    changed = await api.anonymous.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]


async def test_an_address_ends(api: Api) -> None:
    ana = api.customer()
    assert (await ana.read("/api/calendars"))["created_at"] is None
    first = await new_calendar(ana)
    assert (await ana.read("/api/calendars"))["created_at"] is not None
    second = await new_calendar(ana)
    assert (await api.anonymous.get(first)).status_code == 404
    assert (await api.anonymous.get(second)).status_code == 200
    for _ in range(2):
        assert (await ana.delete("/api/calendars")).status_code == 204
    assert (await api.anonymous.get(second)).status_code == 404
    assert (await ana.read("/api/calendars"))["created_at"] is None


async def test_the_database_holds_no_secret(api: Api) -> None:
    ana = api.customer()
    secret = (await new_calendar(ana)).rpartition("/")[2].removesuffix(".ics")
    (stored,) = api.db.execute("SELECT calendars::text FROM calendars").fetchall()[-1]
    assert secret not in stored
    assert len(secret) == 43


@pytest.mark.parametrize(
    ("secret", "status"), (("x", 404), ("x" * 100, 404), ("%00", 422), ("x" * 101, 422))
)
async def test_a_guessed_address_is_refused(api: Api, secret: str, status: int) -> None:
    response = await api.anonymous.get(f"/api/calendars/{secret}.ics")
    assert response.status_code == status


async def test_a_calendar_is_bounded(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendars, "MOST_ENTRIES", 3)
    ana = api.customer()
    for day in range(5):
        add_booking(api.db, ana.id, add_event(api.db, title=f"{day}", date_time=in_days(9 - day)))
    content = await file_of(api.anonymous, await new_calendar(ana))
    assert [entry.title for entry in read_calendar(content)] == ["4", "3", "2"]


async def test_one_calendar_asked_for_often_leaves_room_for_others(
    api: Api, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "CALENDAR_SECONDS", 0.2)
    monkeypatch.setattr(services, "CALENDAR_SHARE", 0.01)
    monkeypatch.setattr(services, "LONGEST_REST", 0.15)
    async with in_process(database_url) as client:
        slow = Api(client, api.db)
        ana, ben = slow.customer(), slow.customer("Ben Winter")
        path, other = await new_calendar(ana), await new_calendar(ben)
        answers = await asyncio.gather(*(slow.anonymous.get(path) for _ in range(12)))
        assert {answer.status_code for answer in answers} == {200, 503}
        assert (await slow.anonymous.get(other)).status_code == 200

"""Time zones: which rules apply, which names are accepted, and what answers contain."""

import os
import shutil
import subprocess
import sys
from datetime import timedelta
from importlib import resources
from pathlib import Path
from zoneinfo import available_timezones

import pytest

from app.api import event_fields
from app.local.paths import ROOT
from app.time_zones import current_name, instant_of, is_known, utc_offset, wall_time_of
from tests.support.application import Api
from tests.support.bodies import edited_event, new_event
from tests.support.rows import add_event, in_days, rows, value

ENTRY_POINTS = (
    "app.main",
    "app.operations.migrations",
    "app.operations.moved_events",
    "app.operations.admin_account",
    "seeds.demo",
    "seeds.generate",
    "tests.conftest",
)
READS_RULES = """
import importlib, sys
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones
importlib.import_module(sys.argv[1])
offset = ZoneInfo("Europe/Berlin").utcoffset(datetime(2027, 1, 15))
print(offset, "Mars/Olympus" in available_timezones())
"""


@pytest.mark.parametrize("module", ENTRY_POINTS)
def test_the_time_zone_rules_of_the_system_are_not_used(tmp_path: Path, module: str) -> None:
    """Here the files of the system give Berlin the time of Tokyo, and have an invented zone."""
    with resources.as_file(resources.files("tzdata.zoneinfo") / "Asia" / "Tokyo") as tokyo:
        for zone in ("Europe/Berlin", "Mars/Olympus"):
            (tmp_path / zone).parent.mkdir()
            shutil.copy(tokyo, tmp_path / zone)
    result = subprocess.run(
        [sys.executable, "-c", READS_RULES, module],
        cwd=ROOT,
        env={**os.environ, "PYTHONTZPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == "1:00:00 False\n"


@pytest.mark.parametrize(
    ("old", "new"),
    (
        # Names that Chromium offers, which lacks the new names.
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Asia/Saigon", "Asia/Ho_Chi_Minh"),
        ("Asia/Katmandu", "Asia/Kathmandu"),
        ("America/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("Europe/Kiev", "Europe/Kyiv"),
        # Old names that people and programs still use.
        ("US/Pacific", "America/Los_Angeles"),
        ("Etc/Zulu", "Etc/UTC"),
    ),
)
async def test_an_old_name_becomes_the_current_one(api: Api, old: str, new: str) -> None:
    admin = api.admin()
    created = await admin.post("/api/events", new_event(time_zone=old))
    assert (created.status_code, created.json()["time_zone"]) == (201, new)
    event = (await admin.post("/api/events", new_event())).json()
    body = edited_event(event, time_zone=old)
    edited = await admin.put(f"/api/events/{event['id']}", body)
    assert (edited.status_code, edited.json()["time_zone"]) == (200, new)


def test_a_current_zone_name_is_kept_where_tzdata_merges_zones() -> None:
    for name in ("Europe/Stockholm", "Europe/Oslo", "Europe/Amsterdam", "Africa/Addis_Ababa"):
        assert current_name(name) == name
    for name in ("UTC", "Etc/GMT+12", "America/Port-au-Prince", "America/North_Dakota/Beulah"):
        assert current_name(name) == name


@pytest.mark.parametrize(
    "name",
    (
        *("CET", "EET", "MET", "WET", "EST", "HST", "CEST", "EST5EDT", "PST8PDT", "GMT", "UCT"),
        *("Japan", "GB", "Cuba", "Zulu", "Etc/Unknown", "Etc", "America/Argentina"),
        *("FOO5", "XYZ-3", "EST5EDT,M3.2.0,M11.1.0", "<+03>-3", "EUROPE/berlin", "Europe/BERLIN"),
    ),
)
async def test_a_zone_that_names_no_place_is_refused(api: Api, name: str) -> None:
    admin = api.admin()
    event = (await admin.post("/api/events", new_event())).json()
    body = edited_event(event, time_zone=name)
    for response in (
        await admin.post("/api/events", new_event(time_zone=name)),
        await admin.put(f"/api/events/{event['id']}", body),
    ):
        assert response.status_code == 422
        (error,) = response.json()["errors"]
        assert error["pointer"] == "/time_zone"
        assert error["detail"] == 'must be an IANA time zone like "Europe/Berlin", or "UTC"'


async def test_every_zone_name_becomes_one_that_the_database_knows(api: Api) -> None:
    names = {current_name(name) for name in available_timezones() if "/" in name} | {"UTC"}
    assert len(names) > 400
    for name in names:
        assert (current_name(name), is_known(name)) == (name, True)
    unknown = rows(
        api.db,
        "SELECT name FROM unnest(%s::text[]) AS name WHERE NOT is_known_time_zone(name)",
        [*names],
    )
    assert unknown == []


async def test_an_event_keeps_an_old_name_until_another_is_chosen(api: Api) -> None:
    admin = api.admin()
    event_id = add_event(api.db, time_zone="US/Pacific", date_time="2098-07-01 19:00Z")
    path = f"/api/events/{event_id}"
    event = await admin.read(path)
    edited = await admin.put(path, edited_event(event, title="New", date_time="2098-07-02T19:30"))
    assert edited.status_code == 200
    shown = {"time_zone": "US/Pacific", "date_time": "2098-07-03T02:30:00Z", "title": "New"}
    assert edited.json().items() >= shown.items()
    chosen = await admin.put(path, edited_event(edited.json(), time_zone="Asia/Calcutta"))
    assert chosen.json()["time_zone"] == "Asia/Kolkata"


async def test_answers_say_how_far_the_venue_is_ahead_of_utc(api: Api) -> None:
    admin, ana = api.admin(), api.customer()
    for zone, start, offset in (
        ("Europe/Berlin", "2098-07-01T20:00:00", "+02:00"),
        ("Europe/Berlin", "2098-12-01T20:00:00", "+01:00"),
        ("America/St_Johns", "2098-12-01T20:00:00", "-03:30"),
        ("Asia/Kathmandu", "2098-12-01T20:00:00", "+05:45"),
        ("UTC", "2098-12-01T20:00:00", "+00:00"),
    ):
        body = new_event(time_zone=zone, date_time=start)
        event = (await admin.post("/api/events", body)).json()
        booking = await ana.book(event["id"])
        code = booking["tickets"][0]["ticket_code"]
        shown = [
            event,
            booking["event"],
            (await ana.read(f"/api/tickets/{code}"))["event"],
            await admin.read(f"/api/admin/events/{event['id']}"),
            (await ana.read(f"/api/bookings/user/{ana.id}"))["items"][0]["event"],
        ]
        assert [answer["utc_offset"] for answer in shown] == [offset] * len(shown)
    listed = (await api.anonymous.read("/api/events?limit=100"))["items"]
    assert {event["utc_offset"] for event in listed} == {
        *("+02:00", "+01:00", "-03:30", "+05:45", "+00:00")
    }


def test_an_unknown_zone_is_answered_in_utc() -> None:
    assert utc_offset(in_days(1), "Mars/Olympus") == "+00:00"


def test_local_time_and_instant_are_inverse() -> None:
    zone = "America/Vancouver"
    start = in_days(400)
    assert instant_of(wall_time_of(start, zone), zone) == start


def of_the_first_release(api: Api, zone: str) -> int:
    """Write an event in a zone that is refused today; it starts at 20:00 local time."""
    api.db.execute("ALTER TABLE events DISABLE TRIGGER events_local_date_time_inserted")
    try:
        return add_event(
            api.db,
            time_zone=zone,
            date_time="2098-07-01 18:00Z",
            local_date_time="2098-07-01 20:00",
        )
    finally:
        api.db.execute("ALTER TABLE events ENABLE TRIGGER events_local_date_time_inserted")


def local_time(api: Api, event_id: int) -> str:
    shown: str = value(api.db, "SELECT local_date_time::text FROM events WHERE id = %s", event_id)
    return shown


@pytest.mark.parametrize("zone", ("CET", "MET", "Europe/Kiev", "FOO5"))
async def test_an_event_of_the_first_release_keeps_its_zone(api: Api, zone: str) -> None:
    admin, ana = api.admin(), api.customer()
    event_id = of_the_first_release(api, zone)
    path = f"/api/events/{event_id}"
    booking = await ana.book(event_id, 2)
    code = booking["tickets"][0]["ticket_code"]
    checked = await admin.post(f"/api/tickets/{code}/check-in", {"event_id": event_id})
    assert checked.status_code == 200
    listed = await api.anonymous.read("/api/events?from=2098-07-01&to=2098-07-01")
    assert [event["id"] for event in listed["items"]] == [event_id]

    event = await admin.read(path)
    edited = await admin.put(path, edited_event(event, title="Edited"))
    assert edited.json().items() >= {"title": "Edited", "time_zone": zone, "version": 2}.items()
    assert local_time(api, event_id) == "2098-07-01 20:00:00"
    later = await admin.put(path, edited_event(event, date_time="2098-07-01T18:30:00Z"))
    assert (later.status_code, later.json()["version"]) == (200, 3)
    typed = await admin.put(path, edited_event(event, date_time="2098-07-10T00:30:00"))
    if zone == "FOO5":
        assert typed.status_code == 422
        assert typed.json()["errors"][0]["pointer"] == "/time_zone"
    else:
        assert typed.status_code == 200
        assert local_time(api, event_id) == "2098-07-10 00:30:00"
        for day, found in (("2098-07-10", [event_id]), ("2098-07-09", [])):
            listed = await api.anonymous.read(f"/api/events?from={day}&to={day}")
            assert [event["id"] for event in listed["items"]] == found
    ended = await admin.put(path, edited_event(await admin.read(path), status="cancelled"))
    assert (ended.status_code, ended.json()["status"]) == (200, "cancelled")


@pytest.mark.leaves_contradictions
async def test_the_application_computes_the_local_time(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = api.admin()
    with monkeypatch.context() as patch:
        # Rules newer than those of the database: half an hour more.
        patch.setattr(
            event_fields,
            "wall_time_of",
            lambda at, zone: wall_time_of(at, zone) + timedelta(minutes=30),
        )
        body = new_event(time_zone="Asia/Kolkata", date_time="2098-07-01T20:00:00+05:30")
        event = (await admin.post("/api/events", body)).json()
        assert local_time(api, event["id"]) == "2098-07-01 20:30:00"
        path = f"/api/events/{event['id']}"
        moved = await admin.put(path, edited_event(event, date_time="2098-07-02T14:30:00Z"))
        assert local_time(api, event["id"]) == "2098-07-02 20:30:00"
        # The same local time is another instant now.
        patch.setattr(event_fields, "wall_time_of", wall_time_of)
        moved = await admin.put(path, edited_event(event, date_time="2098-07-02T15:00:00Z"))
        assert local_time(api, event["id"]) == "2098-07-02 20:30:00"
    # An edit of another field keeps the announced time.
    api.db.execute("UPDATE events SET local_date_time = '2098-07-02 20:15'")
    moved = await admin.get(path)
    edited = await admin.put(path, edited_event(moved.json(), title="Other"))
    assert edited.json()["version"] == moved.json()["version"] + 1
    assert local_time(api, event["id"]) == "2098-07-02 20:15:00"
    # Until somebody enters the local time.
    typed = await admin.put(path, edited_event(edited.json(), date_time="2098-07-02T20:30:00"))
    assert typed.json()["date_time"] == "2098-07-02T15:00:00Z"
    assert local_time(api, event["id"]) == "2098-07-02 20:30:00"

"""GET /api/events: which events are listed, in which order and for which days, by pages."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.support.application import Api
from tests.support.bodies import new_event
from tests.support.rows import add_event, add_started_event, in_days

BERLIN = ZoneInfo("Europe/Berlin")
# The year after next, so that its days are in the future at any time.
YEAR = datetime.now(UTC).year + 2


async def titles(api: Api, query: str = "") -> list[str]:
    listed = await api.anonymous.read(f"/api/events{query}")
    return [event["title"] for event in listed["items"]]


def at(api: Api, title: str, moment: datetime, zone: str = "Europe/Berlin") -> int:
    return add_event(api.db, title=title, date_time=moment, time_zone=zone)


async def test_the_list_has_upcoming_active_events_soonest_first(api: Api) -> None:
    add_event(api.db, title="Second", date_time=in_days(20))
    add_event(api.db, title="First", date_time=in_days(10))
    add_event(api.db, title="Third", date_time=in_days(30))
    add_event(api.db, title="Cancelled", status="cancelled")
    add_event(api.db, title="Completed", status="completed")
    add_started_event(api.db, title="Started")
    assert await titles(api) == ["First", "Second", "Third"]


async def test_a_date_before_now_lists_nothing_that_has_started(api: Api) -> None:
    add_started_event(api.db, title="Started")
    add_event(api.db, title="To come")
    for start in ("1900-01-01", "2000-01-01T00:00:00Z", "0001-01-01T00:00:00Z"):
        assert await titles(api, f"?from={start}") == ["To come"]
        assert await titles(api, f"?search=night+hall&from={start}") == []
    assert await titles(api, "?to=2000-01-01") == []


async def test_from_and_to_are_whole_days_at_the_venue(api: Api) -> None:
    day = f"{YEAR}-06-15"
    for name in ("Pacific/Kiritimati", "Etc/GMT+12", "Europe/Berlin", "Asia/Kolkata"):
        zone = ZoneInfo(name)
        midnight = datetime(YEAR, 6, 15, tzinfo=zone)
        next_midnight = datetime(YEAR, 6, 16, tzinfo=zone)
        at(api, f"{name} last second before", midnight - timedelta(seconds=1), name)
        at(api, f"{name} first second", midnight, name)
        at(api, f"{name} last second", next_midnight - timedelta(seconds=1), name)
        at(api, f"{name} first second after", next_midnight, name)
    for search in ("", "&search=second"):
        listed = await titles(api, f"?from={day}&to={day}{search}")
        assert len(listed) == 8
        assert all(title.endswith(("first second", "last second")) for title in listed)
        listed = await titles(api, f"?from={day}{search}")
        assert len(listed) == 12
        assert not any(title.endswith("before") for title in listed)
        listed = await titles(api, f"?to={day}{search}")
        assert len(listed) == 12
        assert not any(title.endswith("after") for title in listed)


@pytest.mark.parametrize(("month", "hours"), ((3, 23), (10, 25)))
async def test_a_day_with_a_clock_change_is_a_whole_day(api: Api, month: int, hours: int) -> None:
    """The last Sunday of March has 23 hours in Berlin, that of October 25."""
    sunday = datetime(YEAR, month, 31, tzinfo=BERLIN)
    sunday -= timedelta(days=(sunday.weekday() + 1) % 7)
    begin, end = sunday.astimezone(UTC), (sunday + timedelta(days=1)).astimezone(UTC)
    assert end - begin == timedelta(hours=hours)
    at(api, "Saturday", begin - timedelta(seconds=1))
    at(api, "Sunday morning", begin)
    at(api, "Sunday night", end - timedelta(seconds=1))
    at(api, "Monday", end)
    day = sunday.date().isoformat()
    assert await titles(api, f"?from={day}&to={day}") == ["Sunday morning", "Sunday night"]


async def test_the_list_is_limited_by_exact_times(api: Api) -> None:
    moment = datetime(YEAR, 6, 15, 18, 0, tzinfo=UTC)
    for seconds in (-1, 0, 1):
        at(api, f"{seconds}", moment + timedelta(seconds=seconds))
    assert await titles(api, f"?from={YEAR}-06-15T18:00:00Z") == ["0", "1"]
    assert await titles(api, f"?from={YEAR}-06-15T20:00:00%2B02:00") == ["0", "1"]
    assert await titles(api, f"?from={YEAR}-06-15T18:00:00") == ["0", "1"]
    assert await titles(api, f"?to={YEAR}-06-15T18:00:00Z") == ["-1"]


async def test_search_finds_parts_of_words_without_accents_and_with_a_typing_error(
    api: Api,
) -> None:
    add_event(api.db, title="Café del Mar: Jazz Quartet", venue="Elbphilharmonie")
    add_event(api.db, title="Rock im Park", venue="Stadtpark")
    for search in ("jazz", "quart", "CAFE", "mar+cafe", "elbphil+jazz", "jaz", "quartett", "jzaz"):
        assert await titles(api, f"?search={search}") == ["Café del Mar: Jazz Quartet"], search
    assert await titles(api, "?search=park") == ["Rock im Park"]
    for nothing in ("opera", "%25", "_", "jazz+opera", "%5C", "'%3B--"):
        assert await titles(api, f"?search={nothing}") == [], nothing
    for everything in ("", "+", "%E2%80%8B"):
        assert len(await titles(api, f"?search={everything}")) == 2


async def test_a_search_says_that_only_descriptions_have_its_words(api: Api) -> None:
    add_event(api.db, title="Banjo Night", description="No fiddle.")
    for search, in_description in (
        *(("banjo", False), ("fiddle", True), ("night+fiddle", True)),
        *(("bnajo", False), ("opera", False), ("", False)),
    ):
        found = await api.anonymous.read(f"/api/events?search={search}")
        assert found["in_description"] is in_description, search


async def test_search_lists_the_better_match_first(api: Api) -> None:
    add_event(api.db, title="Harbour Walk", venue="Jazz Cellar", date_time=in_days(1))
    add_event(api.db, title="Acidjazz", venue="Hall", date_time=in_days(2))
    add_event(api.db, title="Jazz Night", venue="Hall", date_time=in_days(4))
    add_event(api.db, title="Free Jazz", venue="Hall", date_time=in_days(3))
    expected = ["Free Jazz", "Jazz Night", "Acidjazz", "Harbour Walk"]
    assert await titles(api, "?search=jazz") == expected
    pages = await api.anonymous.pages("/api/events?search=jazz&limit=1")
    assert [event["title"] for page in pages for event in page] == expected


@pytest.mark.parametrize("search", ("", "&search=night", "&search=nihgt"))
async def test_pages_list_every_event_once_while_others_are_inserted(api: Api, search: str) -> None:
    same = in_days(30)
    ids = [add_event(api.db, date_time=same) for _ in range(5)]
    ids += [add_event(api.db, date_time=in_days(31 + number)) for number in range(5)]
    seen: list[int] = []
    cursor = ""
    while True:
        page: dict[str, Any] = await api.anonymous.read(f"/api/events?limit=3{search}{cursor}")
        seen += [event["id"] for event in page["items"]]
        # One is before the pages already read, one is after them.
        add_event(api.db, title="Night Shift", date_time=in_days(1))
        if len(seen) < 9:
            ids.append(add_event(api.db, title="Late Night", date_time=in_days(90 + len(seen))))
        if page["next_cursor"] is None:
            break
        assert len(page["items"]) == 3
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == ids


async def test_a_page_that_ends_with_the_list_has_no_next(api: Api) -> None:
    for _ in range(2):
        add_event(api.db)
    page = await api.anonymous.read("/api/events?limit=2")
    assert (len(page["items"]), page["next_cursor"]) == (2, None)


async def test_the_default_page_size_is_twenty(api: Api) -> None:
    for _ in range(101):
        add_event(api.db)
    assert len(await titles(api)) == 20
    assert len(await titles(api, "?limit=100")) == 100


async def test_admins_list_other_statuses_and_past_events(api: Api) -> None:
    admin = api.admin()
    add_event(api.db, title="Active", date_time=in_days(3))
    add_event(api.db, title="Cancelled", status="cancelled", date_time=in_days(2))
    add_started_event(api.db, title="Completed", status="completed")
    for query, expected in (
        ("status=all", ["Completed", "Cancelled", "Active"]),
        ("status=cancelled", ["Cancelled"]),
        ("status=completed", ["Completed"]),
        ("status=all&search=led", ["Cancelled"]),
        (f"status=all&from={in_days(2):%Y-%m-%d}", ["Cancelled", "Active"]),
    ):
        listed = await admin.read(f"/api/events?{query}")
        assert [event["title"] for event in listed["items"]] == expected, query
    pages = await admin.pages("/api/events?status=all&limit=1")
    assert [event["title"] for (event,) in pages] == ["Completed", "Cancelled", "Active"]


async def test_a_new_event_is_listed_immediately(api: Api) -> None:
    created = (await api.admin().post("/api/events", new_event(title="Brand New"))).json()
    listed = await api.anonymous.read("/api/events")
    assert (listed["items"], listed["next_cursor"]) == ([created], None)

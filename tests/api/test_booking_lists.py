"""The bookings of a user and of an event, and the sales figures for admins."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.application import Api, Caller
from tests.support.rows import add_booking, add_event, add_started_event, in_days


async def ids(caller: Caller, path: str) -> list[int]:
    return [item["id"] for page in await caller.pages(path) for item in page]


async def test_a_users_bookings_are_listed_newest_first(api: Api) -> None:
    event, ana, ben = add_event(api.db), api.customer(), api.customer("Ben")
    booked = [(await ana.book(event, number))["id"] for number in (1, 2, 3)]
    await ben.book(event)
    path = f"/api/bookings/user/{ana.id}"
    assert await ids(ana, path) == booked[::-1]
    assert await ids(api.admin(), path) == booked[::-1]
    first = (await ana.read(path))["items"][0]
    assert first == await ana.read(f"/api/bookings/{booked[-1]}")


async def test_scopes_separate_upcoming_from_past_bookings(api: Api) -> None:
    ana = api.customer()
    late, soon = add_event(api.db, date_time=in_days(40)), add_event(api.db)
    over = add_started_event(api.db)
    long_ago = in_days(-30)
    past = add_booking(api.db, ana.id, over, booking_date=long_ago)
    later = (await ana.book(late))["id"]
    sooner = (await ana.book(soon))["id"]
    given_up = (await ana.book(soon))["id"]
    await ana.put(f"/api/bookings/{given_up}", {"status": "cancelled"})
    path = f"/api/bookings/user/{ana.id}"
    for scope, expected in (
        ("all", [given_up, sooner, later, past]),
        ("upcoming", [sooner, later]),
        ("past", [given_up, past]),
    ):
        assert await ids(ana, f"{path}?scope={scope}") == expected, scope
        assert await ids(ana, f"{path}?scope={scope}&limit=1") == expected, scope


async def test_past_bookings_are_listed_by_the_start_of_the_event(api: Api) -> None:
    ana = api.customer()
    ago = [add_started_event(api.db, date_time=in_days(-days)) for days in (2, 9, 5)]
    past = [add_booking(api.db, ana.id, event, booking_date=in_days(-30)) for event in ago]
    coming = (await ana.book(add_event(api.db)))["id"]
    await ana.put(f"/api/bookings/{coming}", {"status": "cancelled"})
    path = f"/api/bookings/user/{ana.id}?scope=past"
    expected = [coming, past[0], past[2], past[1]]
    assert await ids(ana, path) == expected
    assert await ids(ana, f"{path}&limit=1") == expected


async def test_pages_list_each_booking_once_while_others_are_made(api: Api) -> None:
    event, ana = add_event(api.db), api.customer()
    same = datetime.now(UTC) - timedelta(hours=1)
    booked = [add_booking(api.db, ana.id, event, booking_date=same) for _ in range(5)]
    for path in (f"/api/bookings/user/{ana.id}", f"/api/bookings/event/{event}"):
        admin = api.admin()
        seen: list[int] = []
        cursor = ""
        while len(seen) < len(booked):
            page = await admin.read(f"{path}?limit=2{cursor}")
            new = {item["id"] for item in page["items"]} - set(booked)
            seen += [item["id"] for item in page["items"] if item["id"] not in new]
            await ana.book(event)
            cursor = f"&cursor={page['next_cursor']}"
        assert seen == booked[::-1]


def code_of(booking: dict[str, Any]) -> str:
    return str(booking["tickets"][0]["ticket_code"])


async def test_an_events_bookings_name_their_customers(api: Api) -> None:
    event, other = add_event(api.db), add_event(api.db)
    ana, ben, admin = api.customer("Zoë Ångström"), api.customer("Ben Winter"), api.admin()
    first = await ana.book(event, 2)
    second = await admin.book(event, 1, user_id=ben.id)
    elsewhere = await ana.book(other)
    await admin.post(f"/api/tickets/{first['tickets'][0]['ticket_code']}/check-in", {})
    listed = (await admin.read(f"/api/bookings/event/{event}"))["items"]
    assert [item["id"] for item in listed] == [second["id"], first["id"]]
    assert listed[0]["customer"] == {"id": ben.id, "name": "Ben Winter", "phone": ben.person.phone}
    assert (listed[0]["booked_by"], listed[0]["tickets_checked_in"]) == (admin.id, 0)
    assert (listed[1]["booked_by"], listed[1]["tickets_checked_in"]) == (ana.id, 1)
    assert [item["cancellable"] for item in listed] == [True, False]
    for search, expected in (
        ("zoe", [first["id"]]),
        ("angstrom", [first["id"]]),
        ("WINT", [second["id"]]),
        (ben.person.phone.replace("+", "%2B"), [second["id"]]),
        (ben.person.phone[-4:], [second["id"]]),
        (f"No. {first['id']}", [first["id"]]),
        (f"%23{first['id']}", [first["id"]]),
        (code_of(first)[:14], [first["id"]]),
        (code_of(second).lower().replace("-", "")[:12], [second["id"]]),
        (code_of(second), [second["id"]]),
        (code_of(elsewhere), []),
        (f"No. {elsewhere['id']}", []),
        ("nobody", []),
        ("%25", []),
    ):
        assert await ids(admin, f"/api/bookings/event/{event}?search={search}") == expected, search


async def test_an_event_without_bookings_has_an_empty_list(api: Api) -> None:
    event, admin = add_event(api.db), api.admin()
    path = f"/api/bookings/event/{event}"
    assert await admin.read(path) == {"items": [], "next_cursor": None}
    assert (await admin.read(f"/api/admin/events/{event}/sales"))["items"] == []


async def test_statistics_count_confirmed_bookings(api: Api) -> None:
    event, ana, admin = add_event(api.db), api.customer(), api.admin()
    await ana.book(event, 3)
    given_up = await ana.book(event, 4)
    await ana.put(f"/api/bookings/{given_up['id']}", {"status": "cancelled"})
    kept = await ana.book(event, 2)
    await admin.post(f"/api/tickets/{kept['tickets'][0]['ticket_code']}/check-in", {})
    add_event(api.db, status="cancelled")
    expected = {"bookings": 2, "tickets_sold": 5, "tickets_checked_in": 1, "revenue": "100.00"}
    assert (await admin.read(f"/api/admin/events/{event}"))["statistics"] == expected
    listed = await admin.read("/api/admin/events")
    assert listed["totals"] == {**expected, "events": 2, "currency": "EUR"}
    assert (await admin.read(f"/api/admin/events/{event}/integrity"))["items"] == []


async def test_sales_are_counted_by_the_day_at_the_venue(api: Api) -> None:
    event = add_event(api.db, time_zone="Pacific/Auckland", price="10.00")
    ana, admin = api.customer(), api.admin()
    # In Auckland's summer a day begins at 11:00 UTC of the previous day.
    for moment, quantity in (
        ("2026-01-09T10:59:59Z", 1),
        ("2026-01-09T11:00:00Z", 2),
        ("2026-01-10T10:59:59Z", 3),
    ):
        add_booking(api.db, ana.id, event, quantity, booking_date=moment)
    assert await admin.read(f"/api/admin/events/{event}/sales") == {
        "time_zone": "Pacific/Auckland",
        "currency": "EUR",
        "items": [
            {"date": "2026-01-09", "bookings": 1, "tickets": 1, "revenue": "10.00"},
            {"date": "2026-01-10", "bookings": 2, "tickets": 5, "revenue": "50.00"},
        ],
    }


async def test_admins_sort_events_by_any_figure_and_read_them_page_by_page(api: Api) -> None:
    ana, admin = api.customer(), api.admin()
    figures: dict[int, dict[str, Any]] = {}
    for number, (title, capacity, price, bookings) in enumerate(
        (
            ("Ärger", 10, "30.00", (5,)),
            ("zwei", 100, "1.00", (9, 1)),
            ("Eins", 3, "10.00", (1, 1, 1)),
            ("acht", 50, "0.00", ()),
            ("Acht", 50, "0.00", ()),
        )
    ):
        date_time = in_days(20 - number)
        event = add_event(api.db, title=title, capacity=capacity, price=price, date_time=date_time)
        for quantity in bookings:
            await ana.book(event, quantity)
        sold = sum(bookings)
        figures[event] = {
            "date_time": date_time,
            "title": title.lower().replace("ä", "a"),
            "tickets_sold": sold,
            "percent_sold": sold / capacity,
            "bookings": len(bookings),
            "tickets_checked_in": 0,
            "revenue": sold * float(price),
        }
    for sort in next(iter(figures.values())):
        for order in ("asc", "desc"):
            pages = await admin.pages(f"/api/admin/events?sort={sort}&order={order}&limit=2")
            listed = [item["id"] for page in pages for item in page]
            assert sorted(listed) == sorted(figures), (sort, order)
            values = [figures[event][sort] for event in listed]
            assert values == sorted(values, reverse=order == "desc"), (sort, order)


async def test_admin_lists_begin_at_a_time(api: Api) -> None:
    admin = api.admin()
    past = add_started_event(api.db)
    next_week, tomorrow = (
        add_event(api.db, date_time=in_days(7)),
        add_event(api.db, date_time=in_days(1)),
    )
    since = datetime.now(UTC).replace(microsecond=0).isoformat().replace("+", "%2B")
    for sort, order in (
        ("date_time", "asc"),
        ("date_time", "desc"),
        ("title", "asc"),
        ("title", "desc"),
        ("revenue", "asc"),
    ):
        path = f"/api/admin/events?sort={sort}&order={order}"
        assert sorted(await ids(admin, path)) == sorted([past, next_week, tomorrow])
        assert sorted(await ids(admin, f"{path}&from={since}")) == sorted([next_week, tomorrow])
    assert await ids(admin, f"/api/admin/events?from={since}") == [tomorrow, next_week]
    page = await admin.read(f"/api/admin/events?from={since}")
    assert page["totals"]["events"] == 2


async def test_the_first_page_has_the_totals_of_the_filtered_events(api: Api) -> None:
    admin = api.admin()
    for title in ("Jazz Night", "Jazz Day", "Opera"):
        await admin.book(add_event(api.db, title=title))
    page = await admin.read("/api/admin/events?search=jazz&status=active&limit=1")
    assert (page["totals"]["events"], page["totals"]["revenue"]) == (2, "40.00")
    second = await admin.read(
        f"/api/admin/events?search=jazz&status=active&limit=1&cursor={page['next_cursor']}"
    )
    assert (len(second["items"]), second["totals"]) == (1, None)
    assert (await admin.read("/api/admin/events?status=completed"))["totals"]["events"] == 0

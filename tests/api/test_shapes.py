"""The shapes of answers, key by key, because other programs depend on them."""

from collections.abc import Mapping
from typing import Any

from tests.support.application import Api
from tests.support.bodies import edited_event
from tests.support.contract import SCHEMAS
from tests.support.rows import add_event, in_days, rows


def properties(schema: str) -> set[str]:
    """Return the keys of a shape in the document, which frontend/openapi.json shows in full."""
    return set(SCHEMAS[schema]["properties"])


EVENT = properties("Event")
ADMIN_EVENT = EVENT | {"statistics", "open_to_box_office"}
STATISTICS = properties("Statistics")
USER = properties("User")
USER_ACCOUNT = properties("UserAccount")
SESSION = {"user", "expires_at", "door", "second_factor"}
OWN_SESSION = properties("OwnSession")
TICKET = properties("Ticket")
BOOKED_EVENT = properties("BookedEvent")
BOOKING_IN_TICKET = properties("TicketBooking")
BOOKING = properties("Booking")
EVENT_BOOKING = properties("EventBooking")
PAGE = {"items", "next_cursor"}
ACTIVITY = properties("Activity")


def keys(content: Mapping[str, Any], *path: str | int) -> set[str]:
    part: Any = content
    for step in path:
        part = part[step]
    return set(part)


async def test_events(api: Api) -> None:
    event, admin = add_event(api.db), api.admin()
    await admin.book(event)
    assert keys(await admin.read(f"/api/events/{event}")) == EVENT
    listed = await admin.read("/api/events")
    assert (keys(listed), keys(listed, "items", 0)) == (PAGE | {"in_description"}, EVENT)
    shown = await admin.read(f"/api/admin/events/{event}")
    assert (keys(shown), keys(shown, "statistics")) == (ADMIN_EVENT, STATISTICS)
    listed = await admin.read("/api/admin/events")
    assert keys(listed) == PAGE | {"totals"}
    assert keys(listed, "items", 0) == ADMIN_EVENT
    assert keys(listed, "totals") == STATISTICS | {"events", "currency"}
    sales = await admin.read(f"/api/admin/events/{event}/sales")
    assert keys(sales) == {"time_zone", "currency", "items"}
    assert keys(sales, "items", 0) == {"date", "bookings", "tickets", "revenue"}


async def test_bookings(api: Api) -> None:
    event, admin = add_event(api.db), api.admin()
    booking = await admin.book(event)
    assert keys(booking) == BOOKING
    assert keys(booking, "event") == BOOKED_EVENT
    assert keys(booking, "tickets", 0) == TICKET
    listed = await admin.read(f"/api/bookings/user/{admin.id}")
    assert (keys(listed), keys(listed, "items", 0)) == (PAGE, BOOKING)
    listed = await admin.read(f"/api/bookings/event/{event}")
    assert (keys(listed), keys(listed, "items", 0)) == (PAGE, EVENT_BOOKING)
    assert keys(listed, "items", 0, "customer") == {"id", "name", "phone"}


async def test_tickets(api: Api) -> None:
    admin = api.admin()
    booking = await admin.book(add_event(api.db))
    path = f"/api/tickets/{booking['tickets'][0]['ticket_code']}"
    shown = await admin.read(path)
    assert keys(shown) == {"ticket", "booking", "event"}
    assert keys(shown, "ticket") == TICKET
    assert keys(shown, "booking") == BOOKING_IN_TICKET
    assert keys(shown, "event") == BOOKED_EVENT
    admission = (await admin.post(f"{path}/check-in", {})).json()
    assert keys(admission) == {"ticket", "booking", "event"}
    assert keys(admission, "ticket") == TICKET
    assert keys(admission, "booking") == BOOKING_IN_TICKET | {"total_amount", "currency"}
    counts = {"tickets_sold", "tickets_checked_in"}
    assert keys(admission, "event") == {"id", "title", "how_to_pay"} | counts


async def test_users_and_sessions(api: Api) -> None:
    admin = api.admin()
    listed = await admin.read("/api/users")
    assert (keys(listed), keys(listed, "items", 0)) == (PAGE, USER_ACCOUNT)
    session = await admin.read("/api/sessions/current")
    assert (keys(session), keys(session, "user")) == (SESSION, USER)
    changed = await admin.put(f"/api/users/{admin.id}", {"name": "Theo"})
    assert keys(changed.json()) == USER_ACCOUNT
    enabled = await admin.put(f"/api/users/{admin.id}/disabled", {"disabled": False})
    assert keys(enabled.json()) == USER_ACCOUNT
    sessions = await admin.read("/api/sessions")
    assert (keys(sessions), keys(sessions, "items", 0)) == ({"items"}, OWN_SESSION)


async def test_activity(api: Api) -> None:
    event, admin = add_event(api.db), api.admin()
    shown = await admin.read(f"/api/events/{event}")
    await admin.put(f"/api/events/{event}", edited_event(shown, title="New"))
    listed = await admin.read("/api/admin/activity")
    assert (keys(listed), keys(listed, "items", 0)) == (PAGE, ACTIVITY)


async def test_money_is_a_decimal_string_with_two_places(api: Api) -> None:
    admin = api.admin()
    for price, quantity, total in (
        ("0.00", 3, "0.00"),
        ("0.10", 3, "0.30"),
        ("1000.00", 10, "10000.00"),
        ("99999999.99", 10, "999999999.90"),
    ):
        event = add_event(api.db, price=price)
        booking = await admin.book(event, quantity)
        assert (booking["unit_price"], booking["total_amount"]) == (price, total)
        shown = await admin.read(f"/api/admin/events/{event}")
        assert (shown["price"], shown["statistics"]["revenue"]) == (price, total)


async def test_times_are_utc_with_z_and_an_event_starts_at_a_whole_second(api: Api) -> None:
    ana = api.customer()
    event = add_event(api.db, date_time=in_days(9), time_zone="Asia/Kathmandu")
    booking = await ana.book(event)
    shown = await ana.read(f"/api/events/{event}")
    assert len(shown["date_time"]) == len("2027-03-01T19:00:00Z")
    (stored,) = rows(api.db, "SELECT booking_date FROM bookings")
    assert booking["booking_date"] == stored["booking_date"].isoformat().replace("+00:00", "Z")
    for moment in (shown["date_time"], shown["created_at"], booking["booking_date"]):
        assert moment.endswith("Z")

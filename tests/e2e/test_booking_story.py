"""A customer searches, books, gets the codes, and cancels."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import PHONE, Visitor, expect_confirmation, press_tab_until
from tests.e2e.conftest import OpenVisitor
from tests.e2e.scanner import scan
from tests.e2e.server import PASSWORD, ApiClient, new_phone
from tests.support.calendars import read_calendar


@pytest.fixture
def concert(admin: ApiClient) -> Iterator[dict[str, Any]]:
    """An event whose name is unique in the list."""
    event = admin.new_event(title="Quasimodo Sextet", venue="Glockenturm", capacity=20)
    yield event
    admin.edit_event(event, status="cancelled")


def test_find_book_and_cancel_on_a_phone(
    visit: OpenVisitor, admin: ApiClient, concert: dict[str, Any]
) -> None:
    visitor = visit(viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)
    page = visitor.page
    visitor.open("/")

    page.get_by_label("Search").fill("Quasimdoo")
    card = page.get_by_role("link", name="Quasimodo Sextet")
    expect(card).to_be_visible()
    expect(page).to_have_url(f"{visitor.address}/?search=Quasimdoo")

    page.get_by_role("button", name="Today").tap()
    expect(page.get_by_role("heading", name="Nothing on with that search")).to_be_visible()
    page.get_by_role("button", name="Any date").tap()
    day = datetime.fromisoformat(concert["date_time"]).astimezone(ZoneInfo("Europe/Berlin")).date()
    page.get_by_role("button", name="Dates").tap()
    page.get_by_label("From").fill(day.isoformat())
    page.get_by_label("To", exact=True).fill((day + timedelta(days=1)).isoformat())
    expect(card).to_be_visible()

    card.tap()
    expect(page.get_by_role("heading", level=1, name="Quasimodo Sextet")).to_be_visible()
    for _ in range(2):
        page.get_by_role("button", name="One ticket more").tap()
    expect(page.get_by_text("€75.00")).to_be_in_viewport()
    book = page.get_by_role("link", name="Sign in to book")
    expect(book).to_be_in_viewport(ratio=1)
    book.tap()

    page.get_by_role("link", name="Sign up").tap()
    page.get_by_label("Name").fill("Mia Phone")
    page.get_by_label("Phone").fill(new_phone())
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").tap()

    expect(page.get_by_role("spinbutton", name="Tickets")).to_have_value("3")
    page.get_by_role("button", name="Book 3 tickets").tap()
    expect_confirmation(page)
    expect(page.get_by_role("definition").filter(has_text="€75.00")).to_be_visible()
    assert admin.available(concert) == 17

    booking = admin.get(f"/bookings/{page.url.rsplit('/', 1)[1]}")
    codes = [ticket["ticket_code"] for ticket in booking["tickets"]]
    assert len(codes) == 3
    for number, code in enumerate(codes, 1):
        card = page.get_by_role("article", name=f"Ticket {number} of 3")
        expect(card.locator(".code")).to_contain_text(code)
        assert scan(page, f"QR code of ticket {number} of 3") == code
        expect(page.get_by_text(f"{number} of 3", exact=True)).to_be_visible()

    page.get_by_role("link", name="My bookings").first.tap()
    page.get_by_role("link", name="Show 3 tickets for Quasimodo Sextet").tap()
    expect(page.get_by_role("img", name="QR code of ticket 1 of 3")).to_be_in_viewport(ratio=1)

    page.get_by_role("button", name="Cancel booking").tap()
    dialog = page.get_by_role("dialog", name="Cancel this booking?")
    expect(dialog).to_contain_text("the tickets go back on sale")
    dialog.get_by_role("button", name="Cancel booking").tap()
    expect(page.get_by_role("heading", level=1, name="Booking cancelled")).to_be_focused()
    assert admin.available(concert) == 20
    page.get_by_role("link", name="Quasimodo Sextet").tap()
    expect(page.get_by_text("20 tickets left")).to_be_visible()


def test_find_book_and_cancel_by_keyboard(
    visitor: Visitor, admin: ApiClient, concert: dict[str, Any]
) -> None:
    page = visitor.page
    keyboard = page.keyboard
    visitor.open("/")

    press_tab_until(page, "Search")
    keyboard.type("glockenturn")
    expect(page.get_by_role("heading", level=2, name="Quasimodo Sextet")).to_have_count(1)
    press_tab_until(page, "This month")
    keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing on with that search")).to_be_visible()
    keyboard.press("Shift+Tab")
    keyboard.press("Shift+Tab")
    keyboard.press("Shift+Tab")
    keyboard.press("Space")
    expect(page.get_by_role("heading", level=2, name="Quasimodo Sextet")).to_be_visible()
    press_tab_until(page, "Quasimodo Sextet")
    keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()

    press_tab_until(page, "Tickets")
    keyboard.press("ArrowUp")
    keyboard.press("ArrowUp")
    press_tab_until(page, "Sign up")
    keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Sign up")).to_be_visible()
    press_tab_until(page, "Name")
    keyboard.press("Enter")
    expect(page.get_by_label("Name")).to_be_focused()
    expect(page.get_by_text("Enter your phone number.")).to_be_visible()
    keyboard.type("Kai Keys")
    keyboard.press("Tab")
    keyboard.type(new_phone())
    keyboard.press("Tab")
    keyboard.type(PASSWORD)
    keyboard.press("Enter")

    expect(page.get_by_role("spinbutton", name="Tickets")).to_have_value("3")
    press_tab_until(page, "Book 3 tickets")
    keyboard.press("Enter")
    expect_confirmation(page)
    assert admin.available(concert) == 17

    press_tab_until(page, "Cancel booking")
    keyboard.press("Enter")
    expect(page.get_by_role("button", name="Keep booking")).to_be_focused()
    keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("button", name="Cancel booking")).to_be_focused()
    keyboard.press("Enter")
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Booking cancelled")).to_be_visible()
    assert admin.available(concert) == 20


def test_a_demo_account_signs_in_with_one_click(visitor: Visitor) -> None:
    visitor.open("/sign-in")
    visitor.page.get_by_role("button", name="Sign in as Ana Moreira, customer").click()
    expect(visitor.page.get_by_role("button", name="Sign out")).to_be_visible()
    visitor.page.get_by_role("link", name="My bookings").click()
    expect(visitor.page.get_by_role("heading", level=2, name="Upcoming")).to_be_visible()
    visitor.page.get_by_role("button", name="Sign out").click()
    expect(visitor.page.get_by_role("link", name="Sign in")).to_be_visible()


def test_a_wrong_password_keeps_the_input(visitor: Visitor, admin: ApiClient) -> None:
    person = admin.new_customer()
    visitor.open("/sign-in")
    visitor.page.get_by_label("Phone").fill(person.phone)
    visitor.page.get_by_label("Password").fill("not the password")
    visitor.page.get_by_role("button", name="Sign in", exact=True).click()
    expect(visitor.page.get_by_role("alert")).to_be_visible()
    expect(visitor.page.get_by_label("Phone")).to_have_value(person.phone)


def test_the_calendar_file_of_a_booking_has_its_start_and_end(
    visitor: Visitor, admin: ApiClient, concert: dict[str, Any]
) -> None:
    person = admin.new_customer()
    booking = admin.book(concert, 2, person)
    visitor.sign_in(person)
    visitor.open(f"/bookings/{booking['id']}")
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("link", name="Add to calendar").click()
    assert download.value.suggested_filename == f"marquee-booking-{booking['id']}.ics"
    (entry,) = read_calendar(download.value.path().read_bytes())
    start = datetime.fromisoformat(concert["date_time"]).astimezone(UTC)
    assert entry.title == "Quasimodo Sextet"
    assert (entry.begin, entry.end) == (start, start + timedelta(hours=2))


def test_codes_can_be_copied(visit: OpenVisitor, admin: ApiClient, concert: dict[str, Any]) -> None:
    visitor = visit(permissions=["clipboard-read", "clipboard-write"])
    person = admin.new_customer()
    booking = admin.book(concert, 2, person)
    visitor.sign_in(person)
    visitor.open(f"/bookings/{booking['id']}")
    codes = [ticket["ticket_code"] for ticket in booking["tickets"]]
    read = "navigator.clipboard.readText()"
    visitor.page.get_by_role("button", name="Copy code of ticket 2").click()
    expect(visitor.page.get_by_text("The code of ticket 2 is copied.")).to_be_attached()
    assert visitor.page.evaluate(read) == codes[1]
    visitor.page.get_by_role("button", name="Copy all codes").click()
    expect(visitor.page.get_by_role("button", name="Codes copied")).to_be_visible()
    assert visitor.page.evaluate(read).split() == codes


def test_a_printed_booking_shows_tickets_without_controls(
    visitor: Visitor, admin: ApiClient, concert: dict[str, Any]
) -> None:
    person = admin.new_customer()
    booking = admin.book(concert, 2, person)
    visitor.sign_in(person)
    visitor.open(f"/bookings/{booking['id']}")
    visitor.page.emulate_media(media="print", color_scheme="dark")
    expect(visitor.page.get_by_role("button")).to_have_count(0)
    expect(visitor.page.get_by_role("navigation")).to_be_hidden()
    for number in (1, 2):
        assert scan(visitor.page, f"QR code of ticket {number} of 2") != ""
    background = visitor.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert background == "rgb(255, 255, 255)"

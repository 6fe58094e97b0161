"""The tickets of a booking: on a phone, full screen, by keyboard, on paper, and cancelled."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import PHONE, Visitor, press_tab_until
from tests.e2e.conftest import OpenVisitor
from tests.e2e.scanner import scan
from tests.e2e.server import Account, ApiClient

# Notes what the page asks of the screen.
WATCH_LOCKS = """
window.locks = [];
navigator.wakeLock.request = async (kind) => {
  window.locks.push(kind);
  return { release: async () => void window.locks.push('released') };
};
"""


@pytest.fixture
def booking(admin: ApiClient, customer: Account) -> Any:
    """A booking of six tickets."""
    return admin.book(admin.new_event(title="Six of the Best"), 6, customer)


@pytest.fixture
def phone(visit: OpenVisitor, customer: Account) -> Visitor:
    """The customer with a phone."""
    visitor = visit(viewport=PHONE, has_touch=True, is_mobile=True)
    visitor.sign_in(customer)
    return visitor


def expect_ticket(page: Page, number: int) -> None:
    """Check that one ticket of six is in view, and no other."""
    expect(page.get_by_text(f"{number} of 6", exact=True)).to_be_visible()
    for other in range(1, 7):
        code = page.get_by_role("img", name=f"QR code of ticket {other} of 6")
        if other == number:
            expect(code).to_be_in_viewport(ratio=1)
        else:
            expect(code).not_to_be_in_viewport()


def test_a_phone_shows_one_code_at_a_time_on_its_first_screen(phone: Visitor, booking: Any) -> None:
    page = phone.page
    phone.open(f"/bookings/{booking['id']}")
    expect_ticket(page, 1)
    card = page.get_by_role("article", name="Ticket 1 of 6")
    box = page.get_by_role("img", name="QR code of ticket 1 of 6").bounding_box()
    assert box is not None
    assert box["width"] > 0.8 * PHONE["width"]
    expect(card).to_contain_text(re.compile(rf"Kim Example,\s+No. {booking['id']}"))

    page.get_by_role("button", name="Next ticket").tap()
    expect_ticket(page, 2)
    page.locator("mq-swipe-strip ol").evaluate("(strip) => strip.scrollBy(strip.clientWidth, 0)")
    expect_ticket(page, 3)
    page.get_by_role("button", name="Previous ticket").tap()
    expect_ticket(page, 2)


def test_a_code_fills_the_screen_which_stays_lit(phone: Visitor, booking: Any) -> None:
    phone.context.add_init_script(WATCH_LOCKS)
    page = phone.page
    phone.open(f"/bookings/{booking['id']}")
    page.get_by_role("button", name="Next ticket").tap()
    page.get_by_role("button", name="Show ticket 2 full screen").tap()
    dialog = page.get_by_role("dialog", name="Ticket codes")
    expect(dialog.get_by_text("2 of 6", exact=True)).to_be_visible()
    code = booking["tickets"][1]["ticket_code"]
    assert scan(page, "QR code of ticket 2 of 6, full screen") == code
    assert page.evaluate("window.locks") == ["screen"]
    dialog.get_by_role("button", name="Close").tap()
    expect(dialog).to_be_hidden()
    page.wait_for_function("window.locks.join() === 'screen,released'")
    expect_ticket(page, 2)


def test_tickets_can_be_shown_by_keyboard(phone: Visitor, booking: Any) -> None:
    page = phone.page
    phone.open(f"/bookings/{booking['id']}")
    press_tab_until(page, "Next ticket")
    page.keyboard.press("Enter")
    expect_ticket(page, 2)
    press_tab_until(page, "Show ticket 4 full screen")
    expect_ticket(page, 4)
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Ticket codes")
    expect(dialog.get_by_text("4 of 6", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="Show ticket 4 full screen")).to_be_focused()


def test_a_printed_booking_has_no_empty_sheet(
    visitor: Visitor, admin: ApiClient, customer: Account
) -> None:
    event = admin.new_event(title="On Paper")
    visitor.sign_in(customer)
    for quantity, sheets in ((1, 1), (4, 2), (6, 2)):
        booking = admin.book(event, quantity, customer)
        visitor.open(f"/bookings/{booking['id']}")
        printed = visitor.page.pdf(format="A4")
        assert len(re.findall(rb"/Type /Page\b", printed)) == sheets, quantity


def test_each_sheet_says_what_it_is_for(visitor: Visitor, customer: Account, booking: Any) -> None:
    visitor.sign_in(customer)
    visitor.open(f"/bookings/{booking['id']}")
    visitor.page.emulate_media(media="print")
    heading = visitor.page.get_by_role("heading", level=2)
    number = booking["id"]
    expect(heading).to_have_text(f"6 tickets for Six of the Best, booking No. {number}")
    # The header of a table is repeated on each sheet.
    expect(heading.locator("..")).to_have_css("display", "table-header-group")
    for card in visitor.page.get_by_role("article").all():
        expect(card).to_contain_text(re.compile(rf"Kim Example,\s+No. {number}"))


def test_a_cancelled_event_is_not_called_a_cancelled_booking(
    visitor: Visitor, admin: ApiClient, customer: Account
) -> None:
    event = admin.new_event(title="Called Off")
    booking = admin.book(event, 6, customer)
    admin.edit_event(event, status="cancelled")
    visitor.sign_in(customer)
    page = visitor.page
    visitor.open("/bookings")
    row = page.get_by_role("article").filter(has_text="Called Off")
    expect(row.get_by_text("Event cancelled")).to_be_visible()
    expect(row.get_by_role("link")).to_have_count(1)
    row.get_by_role("link", name="Called Off").click()
    expect(page.get_by_role("heading", level=1, name="This event was cancelled")).to_be_visible()
    expect(page.get_by_text("Your booking of 6 tickets was cancelled on")).to_be_visible()
    expect(page.get_by_role("article")).to_have_count(0)
    expect(page.get_by_text(booking["tickets"][0]["ticket_code"])).to_have_count(0)

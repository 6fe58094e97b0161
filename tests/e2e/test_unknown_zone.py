"""A browser that does not know an event's time zone shows every page with the right times."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.admin_page_data import ADMIN
from tests.e2e.browser import Visitor
from tests.e2e.conftest import OpenVisitor
from tests.e2e.server import Account, ApiClient
from tests.support.calendars import read_calendar

ZONE = "America/Coyhaique"
# Firefox 115 throws for an unknown zone, and does not offer it.
OLDER_BROWSER = """
const Original = Intl.DateTimeFormat;
Intl.DateTimeFormat = new Proxy(Original, {
  construct(target, [locale, options]) {
    if (options?.timeZone === 'America/Coyhaique') {
      throw new RangeError('invalid time zone: America/Coyhaique');
    }
    return Reflect.construct(target, [locale, options]);
  },
});
const offered = Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'America/Coyhaique');
Intl.supportedValuesOf = () => offered;
"""


@pytest.fixture(scope="module")
def event(admin: ApiClient) -> dict[str, Any]:
    """An event in the evening there, which is half past midnight in Berlin."""
    return admin.new_event(
        title="South of Everything", time_zone=ZONE, date_time="2098-11-27T20:30:00", capacity=50
    )


@pytest.fixture
def older(visit: OpenVisitor) -> Callable[[Account], Visitor]:
    def open_window(person: Account) -> Visitor:
        visitor = visit()
        visitor.context.add_init_script(OLDER_BROWSER)
        visitor.sign_in(person)
        return visitor

    return open_window


def expect_time(page: Page, *, label: str = "20:30 GMT-3") -> None:
    expect(page.locator("main").get_by_text(label).first).to_be_attached()


def test_a_customer_books_in_a_zone_unknown_to_the_browser(
    older: Callable[[Account], Visitor], customer: Account, admin: ApiClient, event: dict[str, Any]
) -> None:
    after = admin.new_event(title="Whatever Comes Next", date_time="2098-11-28T20:30:00")
    visitor = older(customer)
    page = visitor.page
    visitor.open("/?from=2098-11-27&to=2098-11-28")
    cards = page.get_by_role("article")
    expect(cards).to_have_count(2)
    expect(cards.first).to_contain_text("South of Everything")
    expect(cards.first).to_contain_text("Proving Ground, 20:30")
    expect(cards.last).to_contain_text(after["title"])

    cards.first.get_by_role("link").click()
    expect_time(page)
    expect(page.get_by_text("00:30 CET where you are")).to_be_visible()
    page.get_by_role("button", name="Book 1 ticket").click()
    expect(page.locator("mq-ticket-card")).to_contain_text("27 Nov 2098, 20:30 GMT-3")
    with page.expect_download() as download:
        page.get_by_role("link", name="Add to calendar").click()
    file = download.value.path().read_bytes()
    assert b"DTSTART;TZID=America/Coyhaique:20981127T203000" in file
    (entry,) = read_calendar(file)
    assert entry.begin == datetime(2098, 11, 27, 23, 30, tzinfo=UTC)

    visitor.open("/bookings")
    expect(page.locator("mq-booking-row")).to_contain_text("20:30 GMT-3")


def test_an_admin_works_in_a_zone_unknown_to_the_browser(
    older: Callable[[Account], Visitor], customer: Account, admin: ApiClient, event: dict[str, Any]
) -> None:
    tickets = admin.book(event, 2, customer)["tickets"]
    code, used = (ticket["ticket_code"] for ticket in tickets)
    # By this very door a second scan would be "Let in just now", which shows no time.
    admin.send("POST", f"/tickets/{used}/check-in", {"event_id": event["id"]})
    visitor = older(ADMIN)
    page = visitor.page
    visitor.open("/admin/check-in")
    page.get_by_label("Find the event").fill("south of every")
    expect(page.get_by_text("Proving Ground, 20:30 GMT-3")).to_be_visible()
    page.get_by_role("link", name="South of Everything").click()
    expect(page.get_by_text("27 Nov 2098, 20:30")).to_be_visible()
    for scanned, headline, reason in (
        (code, "Come in", re.compile(f"{customer.name}, one of 2 tickets")),
        (used, "Already used", re.compile(r"First used at \d\d:\d\d:\d\d, \d+ seconds? ago\.")),
    ):
        page.keyboard.type(scanned)
        page.keyboard.press("Enter")
        expect(page.locator("mq-verdict-panel .headline")).to_have_text(headline)
        expect(page.locator("mq-verdict-panel .reason")).to_have_text(reason)

    visitor.open(f"/admin/events/{event['id']}")
    expect_time(page)
    expect(page.locator("mq-sales-chart")).to_contain_text("Days are counted in America/Coyhaique")
    visitor.open("/admin?search=south+of+everything")
    expect(page.get_by_text("27 Nov 2098, 20:30")).to_be_visible()

    visitor.open(f"/admin/events/{event['id']}/edit")
    when = page.get_by_label("Date and time")
    expect(when).to_have_value("2098-11-27T20:30")
    expect(page.get_by_label("Time zone of the venue")).to_have_value(ZONE)
    when.fill("2098-11-27T21:15")
    expect_time(page, label="21:15 GMT-3")
    page.get_by_role("button", name="Save changes").click()
    dialog = page.get_by_role("dialog", name="Tell the guests?")
    expect(dialog).to_contain_text(re.compile(r"\d bookings? and \d tickets?"))
    expect(dialog).to_contain_text("21:15 GMT-3")
    dialog.get_by_role("button", name="Save and tell them").click()
    # While typing, the form shows the new time; afterwards the event's page is opened.
    expect(page).to_have_url(re.compile(r"/admin/events/\d+$"))
    expect_time(page, label="21:15 GMT-3")
    assert admin.get(f"/events/{event['id']}")["date_time"] == "2098-11-28T00:15:00Z"


def test_a_browser_that_offers_only_the_old_name_creates_an_event(
    visit: OpenVisitor, admin: ApiClient
) -> None:
    visitor = visit(timezone_id="Asia/Calcutta")
    visitor.sign_in(ADMIN)
    page = visitor.page
    visitor.open("/admin/events/new")
    expect(page.get_by_label("Time zone of the venue")).to_have_value("Asia/Calcutta")
    for label, text in (
        ("Title", "Ragas at Dusk"),
        ("Venue", "Town Hall"),
        ("Date and time", "2098-11-27T18:00"),
        ("Capacity", "40"),
        ("Price of a ticket", "10"),
    ):
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", level=1, name="Ragas at Dusk")).to_be_visible()
    (event,) = admin.get("/events?search=ragas+at+dusk")["items"]
    assert (event["time_zone"], event["date_time"]) == ("Asia/Kolkata", "2098-11-27T12:30:00Z")

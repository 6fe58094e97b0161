"""What holds for every page: accessibility, layout, stability, and escaped text."""

import json
import re
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from app.local.paths import ROOT
from tests.e2e.browser import DESKTOP, PHONE, Theme, Visitor
from tests.e2e.conftest import OpenVisitor
from tests.e2e.page_data import ENDLESS, HOSTILE, PageData, PageState, create_page_data
from tests.e2e.page_states import visit_page_states
from tests.e2e.server import ApiClient

AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="package")
def data(admin: ApiClient) -> PageData:
    return create_page_data(admin)


@cache
def axe() -> str:
    return (ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


def axe_violations(page: Page) -> list[str]:
    """Return what axe finds."""
    # Evaluated and not added as a script, which the Content-Security-Policy would refuse.
    page.evaluate(axe())
    return _violations(page)


def forced_axe_violations(page: Page) -> list[str]:
    """Return what axe, which axe_violations() has loaded, finds with forced colours.

    Forced colours draw borders, which move the elements beside them.
    """
    page.emulate_media(forced_colors="active")
    # axe reads -webkit-text-fill-color, for which Chromium tells the colour that is not shown.
    # test_contrast.py measures the one that is.
    found = _violations(page, rules={"color-contrast": {"enabled": False}})
    page.emulate_media(forced_colors="none")
    return found


def _violations(page: Page, **given: object) -> list[str]:
    options = {"runOnly": {"type": "tag", "values": AXE_RULES}, **given}
    found: list[dict[str, Any]] = page.evaluate(
        f"axe.run({json.dumps(options)}).then((results) => results.violations)"
    )
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize(
    ("theme", "size", "narrow"),
    (("light", PHONE, 320), ("dark", DESKTOP, 640)),
    ids=["light-on-a-phone", "dark-on-a-desk"],
)
def test_every_page_is_accessible(
    visit: OpenVisitor,
    data: PageData,
    theme: Theme,
    size: ViewportSize,
    narrow: int,
) -> None:
    """axe finds nothing, nothing moves, and pages fit a window of 320 CSS pixels.

    A window of 1280 pixels zoomed to 200 % is 640 CSS pixels wide.
    """
    found: dict[str, list[str]] = {}

    def look(state: PageState, visitor: Visitor) -> None:
        page = visitor.page
        faults = axe_violations(page)
        if not state.asked_for and (shift := visitor.layout_shift()):
            faults.append(f"layout shift {shift}")
        faults += forced_axe_violations(page)
        page.set_viewport_size({"width": narrow, "height": 640})
        if visitor.scrolls_sideways():
            faults.append(f"wider than {narrow} px")
        page.set_viewport_size(size)
        if faults:
            found[state.name] = faults

    visit_page_states(data, lambda: visit(viewport=size, theme=theme), look)
    assert found == {}


@pytest.mark.parametrize("title", (HOSTILE, ENDLESS), ids=["hostile", "endless"])
def test_a_title_is_never_rendered_as_html(
    visit: OpenVisitor, admin: ApiClient, title: str
) -> None:
    visitor = visit(viewport={"width": 320, "height": 640})
    person = admin.new_customer()
    event = admin.new_event(title=title, venue=title)
    page = visitor.page
    visitor.sign_in(person)
    visitor.open(f"/?search={title[:30]}")
    page.get_by_role("link", name=title).first.click()
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    visitor.open(f"/events/{event['id']}")
    page.get_by_role("button", name="Book 1 ticket").click()
    expect(page.get_by_role("heading", level=3, name=title)).to_be_visible()
    assert not visitor.scrolls_sideways()
    page.get_by_role("button", name="Cancel booking").click()
    expect(page.get_by_role("dialog")).to_contain_text(title)
    page.get_by_role("button", name="Keep booking").click()
    visitor.open("/bookings")
    expect(page.get_by_role("heading", level=3, name=title)).to_be_visible()
    assert not visitor.scrolls_sideways()


def test_the_url_keeps_the_search(visitor: Visitor, admin: ApiClient) -> None:
    admin.new_event(title="Zeppelin Overture")
    page = visitor.page
    visitor.open("/")
    page.get_by_label("Search").press_sequentially("zeppelin")
    expect(page).to_have_url(f"{visitor.address}/?search=zeppelin")
    expect(page.get_by_role("status").filter(has_text="1 event for")).to_be_visible()
    page.get_by_role("link", name="Zeppelin Overture").click()
    expect(page.get_by_role("heading", level=1, name="Zeppelin Overture")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("Search")).to_have_value("zeppelin")
    expect(page.get_by_role("article")).to_have_count(1)
    page.reload()
    expect(page.get_by_label("Search")).to_have_value("zeppelin")
    expect(page.get_by_role("article")).to_have_count(1)


def test_the_way_back_keeps_the_search_and_the_place(visitor: Visitor, admin: ApiClient) -> None:
    for number in range(8):
        admin.new_event(title=f"Zither No. {number}")
    page = visitor.page
    visitor.open("/")
    page.get_by_label("Search").press_sequentially("zither")
    expect(page.get_by_role("article")).to_have_count(8)
    link = page.get_by_role("article").last.get_by_role("link")
    link.scroll_into_view_if_needed()
    place = page.evaluate("scrollY")
    assert place > 0
    link.click()
    back = page.get_by_role("link", name="All events", exact=True)
    expect(back).to_have_attribute("href", "/?search=zither")
    back.click()
    expect(page.get_by_label("Search")).to_have_value("zither")
    expect(page.get_by_role("article")).to_have_count(8)
    page.wait_for_function(f"Math.abs(scrollY - {place}) < 2")
    page.go_back()
    expect(page).to_have_url(f"{visitor.address}/")
    expect(page.get_by_label("Search")).to_have_value("")


@pytest.mark.parametrize("height", (640, 740))
def test_the_first_screen_of_a_phone_has_an_event(visit: OpenVisitor, height: int) -> None:
    visitor = visit(viewport={"width": 360, "height": height})
    visitor.open("/")
    title = visitor.page.get_by_role("heading", level=2).first
    expect(title).to_be_in_viewport(ratio=1)
    second = visitor.page.get_by_role("article").nth(1).bounding_box()
    assert second is not None
    assert second["height"] < 240
    expect(visitor.page.get_by_label("From")).to_be_hidden()
    visitor.page.get_by_role("button", name="Dates").click()
    expect(visitor.page.get_by_label("From")).to_be_visible()


def test_the_back_button_undoes_a_quick_date_choice(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open("/")
    page.get_by_role("button", name="Today").click()
    expect(page).to_have_url(re.compile(r"from=(\d{4}-\d\d-\d\d)&to=\1$"))
    expect(page.get_by_role("button", name="Today")).to_have_attribute("aria-pressed", "true")
    page.go_back()
    expect(page.get_by_role("button", name="Any date")).to_have_attribute("aria-pressed", "true")


@pytest.mark.usefixtures("long_list")
def test_more_events_are_loaded_and_stay_after_going_back(
    visitor: Visitor, admin: ApiClient
) -> None:
    first_page = admin.get("/events?limit=19")
    second_page = admin.get(f"/events?limit=18&cursor={first_page['next_cursor']}")
    count = len(first_page["items"]) + len(second_page["items"])
    page = visitor.page
    visitor.open("/")
    expect(page.get_by_role("article")).to_have_count(len(first_page["items"]))
    page.get_by_role("button", name="Show more events").click()
    expect(page.get_by_role("article")).to_have_count(count)
    page.get_by_role("article").last.get_by_role("link").click()
    expect(page.get_by_role("link", name="All events", exact=True)).to_be_visible()
    page.go_back()
    expect(page.get_by_role("article")).to_have_count(count)
    expect(page.get_by_role("article").last).to_be_in_viewport()


def test_times_are_shown_for_the_venue_and_the_visitor(
    visit: OpenVisitor, admin: ApiClient
) -> None:
    start = (datetime.now(UTC) + timedelta(days=400)).replace(month=7, day=1, hour=18, minute=30)
    event = admin.new_event(title="Two Clocks", date_time=start.replace(microsecond=0).isoformat())
    far = visit(timezone_id="Asia/Tokyo")
    far.open(f"/events/{event['id']}")
    venue_time = re.compile("20:30 CEST")
    expect(far.page.get_by_role("definition").filter(has_text=venue_time)).to_be_visible()
    expect(far.page.get_by_text("03:30 GMT+9 where you are")).to_be_visible()
    near = visit(timezone_id="Europe/Paris")
    near.open(f"/events/{event['id']}")
    expect(near.page.get_by_role("definition").filter(has_text=venue_time)).to_be_visible()
    expect(near.page.get_by_text("where you are")).to_have_count(0)


@pytest.mark.parametrize("locale", ("de-DE", "ar-EG", "fa-IR", "ja-JP", "fr-FR"))
def test_dates_and_money_are_in_the_language_of_the_words(
    visit: OpenVisitor, admin: ApiClient, locale: str
) -> None:
    start = datetime.now(UTC).replace(month=12, day=5, hour=12, minute=0, second=0, microsecond=0)
    start = start.replace(year=start.year + 1)
    event = admin.new_event(title="Lokal", price="1250.50", date_time=start.isoformat())
    visitor = visit(locale=locale)
    visitor.open(f"/events/{event['id']}")
    page = visitor.page
    expect(page.get_by_text("€1,250.50").first).to_be_visible()
    expect(page.get_by_role("time").filter(has_text="December").first).to_contain_text(
        str(start.year)
    )
    expect(page.get_by_role("link", name="Sign in to book")).to_be_visible()
    expect(page.get_by_role("spinbutton", name="Tickets")).to_have_value("1")


def test_the_skip_link_leads_to_the_content(visitor: Visitor) -> None:
    visitor.open("/")
    visitor.page.keyboard.press("Tab")
    expect(visitor.page.get_by_role("link", name="Skip to content")).to_be_focused()
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator("main")).to_be_focused()
    assert visitor.page.url == f"{visitor.address}/"


def test_a_deep_link_returns_after_signing_in(visit: OpenVisitor, admin: ApiClient) -> None:
    visitor = visit(viewport=PHONE)
    person = admin.new_customer()
    booking = admin.book(admin.new_event(title="Deep Link"), 1, person)
    page = visitor.page
    visitor.open(f"/bookings/{booking['id']}")
    expect(page.get_by_role("heading", level=1, name="Sign in")).to_be_visible()
    page.get_by_label("Phone").fill(person.phone)
    page.get_by_label("Password").fill(person.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Your ticket")).to_be_visible()
    assert page.url.endswith(f"/bookings/{booking['id']}")


def test_another_customers_booking_is_not_found(visitor: Visitor, admin: ApiClient) -> None:
    booking = admin.book(admin.new_event(), 1, admin.new_customer())
    visitor.sign_in(admin.new_customer())
    visitor.open(f"/bookings/{booking['id']}")
    expect(visitor.page.get_by_role("heading", name="There is no such booking")).to_be_visible()

"""The chart of sales tells each day to a mouse, a finger and the keyboard."""

from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.admin_page_data import ADMIN
from tests.e2e.browser import PHONE, Visitor, press_tab_until
from tests.e2e.conftest import OpenVisitor
from tests.e2e.server import ApiClient

LAST_DAY = "Fri, 20 Nov 2026: 5 tickets in 2 bookings, €60.00"
FIRST_DAY = "Thu, 1 Oct 2026: 9 tickets in 3 bookings, €108.00"
SALES = {
    "time_zone": "Europe/Berlin",
    "currency": "EUR",
    "items": [
        {"date": "2026-10-01", "bookings": 3, "tickets": 9, "revenue": "108.00"},
        {"date": "2026-11-20", "bookings": 2, "tickets": 5, "revenue": "60.00"},
    ],
}


@pytest.fixture(scope="module")
def event(admin: ApiClient) -> dict[str, Any]:
    return admin.new_event(title="Bars and Beats")


def open_chart(visitor: Visitor, event: dict[str, Any]) -> Locator:
    """Open the event's page with known sales and return the bars."""
    visitor.sign_in(ADMIN)
    visitor.page.route("**/api/admin/events/*/sales", lambda route: route.fulfill(json=SALES))
    visitor.open(f"/admin/events/{event['id']}")
    return visitor.page.get_by_role("slider", name="Tickets sold by day")


def reading(page: Page) -> Locator:
    return page.locator("mq-sales-chart .reading")


def test_a_pointer_reads_the_nearest_day(visitor: Visitor, event: dict[str, Any]) -> None:
    bars = open_chart(visitor, event)
    box = bars.bounding_box()
    assert box is not None
    bars.hover(position={"x": 20, "y": 10})
    expect(reading(visitor.page)).to_have_text(FIRST_DAY)
    bars.hover(position={"x": box["width"] - 20, "y": 10})
    expect(reading(visitor.page)).to_have_text(LAST_DAY)
    visitor.page.mouse.move(0, 0)
    expect(reading(visitor.page)).not_to_contain_text("2026")


def test_a_finger_reads_a_day_and_it_stays(visit: OpenVisitor, event: dict[str, Any]) -> None:
    visitor = visit(viewport=PHONE, has_touch=True, is_mobile=True)
    open_chart(visitor, event).tap(position={"x": 20, "y": 40})
    expect(reading(visitor.page)).to_have_text(FIRST_DAY)


def test_the_keys_read_every_day(visitor: Visitor, event: dict[str, Any]) -> None:
    bars = open_chart(visitor, event)
    press_tab_until(visitor.page, "Tickets sold by day")
    expect(reading(visitor.page)).to_have_text(LAST_DAY)
    visitor.page.keyboard.press("ArrowLeft")
    expect(reading(visitor.page)).to_have_text(FIRST_DAY)
    expect(bars).to_have_attribute("aria-valuetext", FIRST_DAY)


def test_the_days_below_the_bars_have_room(visit: OpenVisitor, event: dict[str, Any]) -> None:
    visitor = visit(viewport={"width": 320, "height": 640})
    open_chart(visitor, event)
    names = visitor.page.locator("mq-sales-chart .days span")
    boxes = [box for name in names.all() if (box := name.bounding_box())]
    assert len(boxes) >= 3
    for left, right in pairwise(boxes):
        assert left["x"] + left["width"] < right["x"]
    assert not visitor.scrolls_sideways()

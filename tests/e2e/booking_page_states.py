"""The pages of bookings and notices in every state worth checking, and refused bookings."""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from playwright.sync_api import expect

from tests.e2e.browser import Visitor
from tests.e2e.page_data import PageData, PageState, at, fails

_OTHER_PROBLEM = {
    "type": "/problems/too-many-attempts",
    "title": "Too many attempts",
    "status": 429,
    "detail": "Try again in a minute.",
    "request_id": "5f1d0c7a9b3e2468",
}


def _refused(problem: dict[str, Any]) -> Callable[[Visitor, PageData], None]:
    def open_state(visitor: Visitor, data: PageData) -> None:
        page = visitor.page
        visitor.open(f"/events/{data.events['open']}?quantity=3")
        body = json.dumps(problem)
        page.route(
            "**/api/bookings",
            lambda route: route.fulfill(
                status=problem["status"], content_type="application/problem+json", body=body
            ),
        )
        page.get_by_role("button", name="Book 3 tickets").click()
        expect(page.locator(".notice")).to_be_visible()
        page.unroute("**/api/bookings")

    return open_state


def _no_answer(visitor: Visitor, data: PageData) -> None:
    page = visitor.page
    visitor.open(f"/events/{data.events['few']}?quantity=2")
    page.route("**/api/bookings", lambda route: route.abort("connectionreset"))
    page.get_by_role("button", name="Book 2 tickets").click()
    expect(page.get_by_text("We did not hear back")).to_be_visible()
    page.unroute("**/api/bookings")
    page.evaluate("sessionStorage.clear()")


def _full_screen(visitor: Visitor, data: PageData) -> None:
    visitor.open(f"/bookings/{data.bookings['three']}")
    visitor.page.get_by_role("button", name="Show ticket 1 full screen").click()
    expect(visitor.page.get_by_role("dialog", name="Ticket codes")).to_be_visible()


def _cancelling(visitor: Visitor, data: PageData) -> None:
    visitor.open(f"/bookings/{data.bookings['three']}")
    visitor.page.get_by_role("button", name="Cancel booking").click()
    expect(visitor.page.get_by_role("dialog")).to_be_visible()


def _subscribed(visitor: Visitor, _: PageData) -> None:
    visitor.open("/bookings")
    visitor.page.get_by_role("button", name="Subscribe in your calendar").click()
    expect(visitor.page.get_by_label("Your private address")).to_be_visible()


def _subscribed_before(visitor: Visitor, _: PageData) -> None:
    visitor.open("/bookings")
    visitor.page.get_by_role("button", name=re.compile("Subscribe|New address")).click()
    visitor.open("/bookings")
    expect(visitor.page.get_by_text("You have had an address since")).to_be_visible()
    visitor.page.get_by_role("button", name="Stop").click()
    expect(visitor.page.get_by_text("Your address no longer works.")).to_be_visible()


def _kept(path: str) -> Callable[[Visitor, PageData], None]:
    """Open a page whose bookings are kept on the device, while the server is away."""

    def open_state(visitor: Visitor, data: PageData) -> None:
        page = visitor.page
        visitor.open(path.format(data=data))
        page.route("**/api/bookings/**", lambda route: route.abort("connectionreset"))
        visitor.open(path.format(data=data))
        expect(page.get_by_text("This page is shown from this device")).to_be_visible()
        page.unroute("**/api/bookings/**")

    return open_state


BOOKING_PAGE_STATES: Sequence[PageState] = (
    PageState("event-signed-in", "regular", at("/events/{data.events[open]}?quantity=3")),
    PageState("event-limited", "regular", at("/events/{data.events[limited]}?quantity=3")),
    PageState("event-all-mine", "regular", at("/events/{data.events[all-mine]}")),
    PageState("event-problem", "regular", _refused(_OTHER_PROBLEM), asked_for=True),
    PageState("event-no-answer", "regular", _no_answer, asked_for=True),
    PageState("booking", "regular", at("/bookings/{data.bookings[three]}")),
    PageState("booking-endless", "regular", at("/bookings/{data.bookings[endless]}")),
    PageState("booking-full-screen", "regular", _full_screen, asked_for=True),
    PageState("booking-cancelling", "regular", _cancelling, asked_for=True),
    PageState("booking-cancelled", "regular", at("/bookings/{data.bookings[cancelled]}")),
    PageState("booking-called-off", "regular", at("/bookings/{data.bookings[called-off]}")),
    PageState("booking-missing", "regular", at("/bookings/999999999")),
    PageState("booking-failed", "regular", fails("**/api/bookings/*", "/bookings/1")),
    PageState("bookings", "regular", at("/bookings")),
    PageState("bookings-calendar", "regular", _subscribed, asked_for=True),
    PageState("bookings-calendar-ended", "regular", _subscribed_before, asked_for=True),
    PageState("bookings-kept", "regular", _kept("/bookings")),
    PageState("booking-kept", "regular", _kept("/bookings/{data.bookings[three]}")),
    PageState("notices", "regular", at("/notices")),
    PageState("notices-failed", "regular", fails("**/api/notices", "/notices")),
    PageState("bookings-failed", "regular", fails("**/api/bookings/user/*", "/bookings")),
    PageState("bookings-none", "newcomer", at("/bookings")),
    PageState("notices-none", "newcomer", at("/notices")),
)

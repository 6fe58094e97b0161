"""What the booking form says is where a person looks: in the window, beside its button."""

import json
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, ViewportSize, expect

from tests.e2e.browser import Visitor
from tests.e2e.conftest import OpenVisitor
from tests.e2e.server import Account, ApiClient

PHONES: tuple[ViewportSize, ...] = (
    {"width": 360, "height": 640},
    {"width": 390, "height": 664},
    {"width": 412, "height": 780},
)
LAPTOP: ViewportSize = {"width": 1280, "height": 720}
WINDOWS = (*PHONES, LAPTOP)
LONG = "Everybody who has ever seen it says the same. " * 40


def window_name(size: ViewportSize) -> str:
    return f"{size['width']}x{size['height']}"


def answers(status: int, kind: str, **members: object) -> Any:
    """Return a handler that refuses a booking."""
    problem = {
        "type": f"/problems/{kind}",
        "title": "Too many attempts",
        "status": status,
        "detail": "Try again in a minute.",
        "request_id": "5f1d0c7a9b3e2468",
    }
    body = json.dumps(problem | members)

    def refuse(route: Route) -> None:
        route.fulfill(status=status, content_type="application/problem+json", body=body)

    return refuse


REFUSALS: dict[str, Any] = {
    "lost": lambda route: route.abort("connectionreset"),
    "signed-out": answers(401, "not-signed-in"),
    "other-user": answers(403, "not-allowed"),
    "other-problem": answers(429, "too-many-attempts"),
}


def box(locator: Locator) -> dict[str, float]:
    found = locator.bounding_box()
    assert found is not None
    y, height = found["y"], found["height"]
    return {"y": y, "bottom": y + height}


def assert_in_window(page: Page, size: ViewportSize) -> None:
    """Check that the notice and the button are in the window, and neither covers the other."""
    notice, button = box(page.locator("form .notice")), box(page.locator("form .go .button"))
    for part in (notice, button):
        assert part["y"] >= 0
        assert part["bottom"] <= size["height"]
    assert notice["bottom"] <= button["y"] or button["bottom"] <= notice["y"]


@pytest.mark.parametrize("size", WINDOWS, ids=window_name)
def test_a_problem_is_said_where_the_button_is(
    visit: OpenVisitor, admin: ApiClient, customer: Account, size: ViewportSize
) -> None:
    event = admin.new_event(title="A Title of Two Lines at Least", description=LONG)
    for refusal in REFUSALS.values():
        visitor = visit(viewport=size)
        visitor.sign_in(customer)
        page = visitor.page
        visitor.open(f"/events/{event['id']}?quantity=3")
        page.route("**/api/bookings", refusal)
        page.get_by_role("button", name="Book 3 tickets").click()
        expect(page.locator("form .notice")).to_be_visible()
        expect(page.locator("form .notice")).to_be_in_viewport(ratio=1)
        assert_in_window(page, size)


@pytest.mark.parametrize("size", WINDOWS, ids=window_name)
def test_what_is_left_is_said_where_the_button_is(
    visit: OpenVisitor, admin: ApiClient, customer: Account, size: ViewportSize
) -> None:
    event = admin.new_event(title="Three Chairs", description=LONG, capacity=3)
    visitor = visit(viewport=size)
    visitor.sign_in(customer)
    visitor.open(f"/events/{event['id']}?quantity=3")
    admin.book(event, 1, admin.new_customer())
    visitor.page.get_by_role("button", name="Book 3 tickets").click()
    expect(visitor.page.locator("form .notice")).to_be_in_viewport(ratio=1)
    assert_in_window(visitor.page, size)


@pytest.mark.parametrize("size", PHONES, ids=window_name)
def test_the_floating_button_does_not_cover_the_end_of_the_page(
    visit: OpenVisitor, admin: ApiClient, customer: Account, size: ViewportSize
) -> None:
    visitor = visit(viewport=size)
    visitor.sign_in(customer)
    page = visitor.page
    visitor.open(f"/events/{admin.new_event(description=LONG)['id']}")

    def assert_footer_is_above_the_bar() -> None:
        page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
        footer, bar = box(page.locator("footer p")), box(page.locator(".floating-bar"))
        assert footer["bottom"] <= bar["y"]

    assert_footer_is_above_the_bar()
    page.route("**/api/bookings", REFUSALS["lost"])
    page.get_by_role("button", name="Book 1 ticket").click()
    expect(page.locator("form .notice")).to_be_visible()
    assert_footer_is_above_the_bar()


def test_the_total_is_that_of_what_the_button_books(
    visitor: Visitor, admin: ApiClient, customer: Account
) -> None:
    event = admin.new_event(title="Nine Hundred", capacity=6, price="8.00")
    visitor.sign_in(customer)
    visitor.open(f"/events/{event['id']}?quantity=999")
    page = visitor.page
    expect(page.get_by_role("button", name="Book 6 tickets instead")).to_be_visible()
    expect(page.locator("form output")).to_have_text("€48.00")

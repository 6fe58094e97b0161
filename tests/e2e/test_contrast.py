"""Text on buttons can be read in every state: at rest, under the pointer, busy and disabled."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.admin_page_states import ADMIN
from tests.e2e.browser import Theme, Visitor
from tests.e2e.conftest import OpenVisitor
from tests.e2e.server import Account, ApiClient

LEAST = 4.5
THEMES: tuple[Theme, ...] = ("light", "dark")

_COLOURS = """(element) => {
    const solid = (node) => {
        for (; node; node = node.parentElement) {
            const colour = getComputedStyle(node).backgroundColor;
            if (!/^rgba\\(.*, 0\\)$/.test(colour)) return colour;
        }
        return 'rgb(255, 255, 255)';
    };
    return [getComputedStyle(element).color, solid(element)];
}"""


def luminance(colour: str) -> float:
    """Return the relative luminance of a CSS colour, as WCAG defines it."""
    shares = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(element: Locator) -> float:
    text, background = (luminance(colour) for colour in element.evaluate(_COLOURS))
    return (max(text, background) + 0.05) / (min(text, background) + 0.05)


def assert_readable(button: Locator) -> None:
    """Check a button at rest, under the pointer, busy and disabled."""
    button.page.mouse.move(0, 0)
    found = {"at rest": contrast(button)}
    # The masthead must not swallow the pointer, and a click is not wanted.
    button.hover(force=True)
    found["under the pointer"] = contrast(button)
    button.evaluate("(button) => button.setAttribute('aria-disabled', 'true')")
    found["busy"] = contrast(button)
    button.evaluate("(button) => { button.ariaDisabled = null; button.disabled = true; }")
    found["disabled"] = contrast(button)
    assert {state: ratio for state, ratio in found.items() if ratio < LEAST} == {}


@pytest.mark.parametrize("theme", THEMES)
def test_buttons_are_readable_in_every_state(
    visit: OpenVisitor, admin: ApiClient, customer: Account, theme: Theme
) -> None:
    event = admin.new_event(title="Black on Black")
    booking = admin.book(event, 2, customer)
    visitor = visit(theme=theme)
    visitor.sign_in(customer)
    for path in (f"/events/{event['id']}", f"/bookings/{booking['id']}", "/sign-in", "/"):
        visitor.open(path)
        for button in visitor.page.locator("button.button:visible").all():
            assert_readable(button)


@pytest.mark.parametrize("theme", THEMES)
def test_the_buttons_of_admins_are_readable_in_every_state(
    visit: OpenVisitor, admin: ApiClient, theme: Theme
) -> None:
    event = admin.new_event(title="White on White")
    visitor = visit(theme=theme)
    visitor.sign_in(ADMIN)
    for path in ("/admin", f"/admin/events/{event['id']}", f"/admin/events/{event['id']}/edit"):
        visitor.open(path)
        for button in visitor.page.locator("button.button:visible").all():
            assert_readable(button)


@pytest.mark.parametrize("theme", THEMES)
def test_what_is_busy_after_a_click_can_be_read(
    visit: OpenVisitor, admin: ApiClient, customer: Account, theme: Theme
) -> None:
    visitor = visit(theme=theme)
    visitor.sign_in(customer)
    page = visitor.page
    visitor.open(f"/events/{admin.new_event(title='Slow Network')['id']}")
    page.route("**/api/bookings", visitor.leave_unanswered)
    page.get_by_role("button", name="Book 1 ticket").click()
    busy = page.get_by_role("button", name="Booking …")
    expect(busy).to_be_visible()
    assert contrast(busy) >= LEAST


def test_a_tap_leaves_no_hover_behind(visit: OpenVisitor, admin: ApiClient) -> None:
    visitor: Visitor = visit(viewport={"width": 390, "height": 664}, has_touch=True, is_mobile=True)
    visitor.open(f"/events/{admin.new_event(title='Sticky Fingers')['id']}")
    more = visitor.page.get_by_role("button", name="One ticket more")
    before = more.evaluate(_COLOURS)
    more.tap()
    assert more.evaluate(_COLOURS) == before

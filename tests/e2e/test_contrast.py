"""Buttons and links can be read in every state: at rest, under the pointer, busy and disabled."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.admin_page_data import ADMIN
from tests.e2e.browser import PHONE, Theme, Visitor
from tests.e2e.conftest import OpenVisitor
from tests.e2e.server import Account, ApiClient

LEAST = 4.5
THEMES: tuple[Theme, ...] = ("light", "dark")
CONTROLS = ":is(main, mq-masthead, mq-root > footer) :is(a, button, summary):visible"

in_every_theme = pytest.mark.parametrize(
    ("theme", "forced_colors"),
    [(theme, forced) for theme in THEMES for forced in ("none", "active")],
    ids=["light", "light-forced", "dark", "dark-forced"],
)

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


def states(control: Locator) -> dict[str, float]:
    """Return the contrast of a control at rest and under the pointer; of a button, busy as well."""
    control.page.mouse.move(0, 0)
    found = {"at rest": contrast(control)}
    # The masthead must not swallow the pointer, and a click is not wanted.
    control.hover(force=True)
    found["under the pointer"] = contrast(control)
    if control.evaluate("(control) => control.matches('button')"):
        control.evaluate("(button) => button.setAttribute('aria-disabled', 'true')")
        found["busy"] = contrast(control)
        control.evaluate("(button) => { button.ariaDisabled = null; button.disabled = true; }")
        found["disabled"] = contrast(control)
        control.evaluate("(button) => { button.disabled = false; }")
    return found


def unreadable(page: Page) -> dict[str, float]:
    """Return what cannot be read on a page. Controls of one class and place are tried once."""
    kinds: dict[str, Locator] = {}
    for control in page.locator(CONTROLS).all():
        kind = control.evaluate(
            "(e) => [e.localName, e.className, e.closest('[class]:not(a, button)')?.className]"
        )
        kinds.setdefault(str(kind), control)
    assert len(kinds) > 3
    return {
        f"{page.url} {kind} {state}": round(ratio, 2)
        for kind, control in kinds.items()
        for state, ratio in states(control).items()
        if ratio < LEAST
    }


@in_every_theme
def test_customers_can_read_buttons_and_links_in_every_state(
    visit: OpenVisitor, admin: ApiClient, customer: Account, theme: Theme, forced_colors: str
) -> None:
    event = admin.new_event(title="Black on Black", category="Theatre")
    sold_out = admin.new_event(title="White on White", capacity=1)
    admin.book(sold_out, 1, customer)
    booking = admin.book(event, 2, customer)
    cancelled = admin.book(event, 1, customer)
    admin.send("PUT", f"/bookings/{cancelled['id']}", {"status": "cancelled"})
    visitor = visit(theme=theme, forced_colors=forced_colors)
    found: dict[str, float] = {}
    for path in ("/sign-in", "/sign-up", "/accessibility", "/?search=zzzzzzzz"):
        visitor.open(path)
        found |= unreadable(visitor.page)
    visitor.sign_in(customer)
    for path in (
        "/",
        f"/events/{event['id']}",
        f"/events/{sold_out['id']}",
        f"/bookings/{booking['id']}",
        f"/bookings/{cancelled['id']}",
        "/bookings",
        "/404",
    ):
        visitor.open(path)
        found |= unreadable(visitor.page)
    visitor.page.set_viewport_size(PHONE)
    visitor.open(f"/events/{event['id']}")
    assert found | unreadable(visitor.page) == {}


@pytest.mark.parametrize("theme", THEMES)
def test_a_quiet_link_stays_quiet_under_the_pointer(
    visit: OpenVisitor, admin: ApiClient, theme: Theme
) -> None:
    event = admin.new_event(title="Quiet Please")
    visitor = visit(theme=theme)
    visitor.open(f"/events/{event['id']}")
    link = visitor.page.get_by_role("link", name="Add to calendar")
    ink, before = link.evaluate(_COLOURS)
    link.hover()
    assert link.evaluate(_COLOURS)[1] not in {ink, before}


@in_every_theme
def test_admins_can_read_buttons_and_links_in_every_state(
    visit: OpenVisitor, admin: ApiClient, customer: Account, theme: Theme, forced_colors: str
) -> None:
    event = admin.new_event(title="White on White")
    admin.book(event, 2, customer)
    visitor = visit(theme=theme, forced_colors=forced_colors)
    visitor.sign_in(ADMIN)
    here = f"/admin/events/{event['id']}"
    found: dict[str, float] = {}
    for path in (
        "/admin",
        "/admin/events/new",
        here,
        f"{here}/edit",
        f"{here}/copies",
        "/admin/check-in",
        f"/admin/check-in?event={event['id']}",
    ):
        visitor.open(path)
        found |= unreadable(visitor.page)
    assert found == {}


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

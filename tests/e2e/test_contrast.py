"""Buttons and links can be read in every state: at rest, under the pointer, busy and disabled."""

import re
from itertools import product

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser import PHONE, ForcedColors, Theme, Visitor
from tests.e2e.conftest import OpenVisitor
from tests.e2e.server import Account, ApiClient

LEAST = 4.5
THEMES: tuple[Theme, ...] = ("light", "dark")
FORCED: tuple[ForcedColors, ...] = ("none", "active")
CONTROLS = ":is(main, mq-masthead, mq-root > footer) :is(a, button, summary):visible"

# Which controls look alike: those of one element and class in one kind of place.
_KINDS = """(controls) => controls.map((control) =>
    [control.localName, control.className, control.closest('[class]:not(a, button)')?.className]
        .join(' '))"""

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


class Readers:
    """People who look at pages in every theme, at one control of each kind."""

    def __init__(self) -> None:
        self._tried: set[str] = set()
        self.unreadable: dict[str, float] = {}

    def look(self, page: Page) -> None:
        """Note which of the kinds of controls that no earlier page had cannot be read."""
        controls = page.locator(CONTROLS)
        kinds = controls.evaluate_all(_KINDS)
        assert len(set(kinds)) > 3
        new = {kind: kinds.index(kind) for kind in kinds if kind not in self._tried}
        self._tried |= {*new}
        for theme, forced in product(THEMES, FORCED):
            page.emulate_media(color_scheme=theme, forced_colors=forced)
            for kind, index in new.items():
                for state, ratio in states(controls.nth(index)).items():
                    if ratio < LEAST:
                        place = f"{page.url} {kind}, {state}, {theme}, forced colours {forced}"
                        self.unreadable[place] = round(ratio, 2)


def test_customers_can_read_buttons_and_links_in_every_state(
    visitor: Visitor, admin: ApiClient, customer: Account
) -> None:
    event = admin.new_event(title="Black on Black", category="Theatre")
    sold_out = admin.new_event(title="White on White", capacity=1)
    admin.book(sold_out, 1, customer)
    booking = admin.book(event, 2, customer)
    cancelled = admin.book(event, 1, customer)
    admin.send("PUT", f"/bookings/{cancelled['id']}", {"status": "cancelled"})
    readers = Readers()
    for path in ("/sign-in", "/sign-up", "/accessibility", "/?search=zzzzzzzz"):
        visitor.open(path)
        readers.look(visitor.page)
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
        readers.look(visitor.page)
    assert readers.unreadable == {}
    # The layout of a phone shows the same controls in other places.
    on_a_phone = Readers()
    visitor.page.set_viewport_size(PHONE)
    visitor.open(f"/events/{event['id']}")
    on_a_phone.look(visitor.page)
    assert on_a_phone.unreadable == {}


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


def test_admins_can_read_buttons_and_links_in_every_state(
    admin_visitor: Visitor, admin: ApiClient, customer: Account
) -> None:
    event = admin.new_event(title="White on White")
    admin.book(event, 2, customer)
    here = f"/admin/events/{event['id']}"
    readers = Readers()
    for path in (
        "/admin",
        "/admin/events/new",
        here,
        f"{here}/edit",
        f"{here}/copies",
        "/admin/check-in",
        f"/admin/check-in?event={event['id']}",
    ):
        admin_visitor.open(path)
        readers.look(admin_visitor.page)
    assert readers.unreadable == {}


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

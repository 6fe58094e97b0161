"""With forced colours, backgrounds go away: what they say must be said in another way."""

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.admin_page_data import ADMIN
from tests.e2e.browser import Theme, Visitor
from tests.e2e.conftest import OpenVisitor
from tests.e2e.server import ApiClient

in_both_themes = pytest.mark.parametrize("theme", ("light", "dark"))


def style(element: Locator, name: str) -> str:
    found: str = element.evaluate("(element, name) => getComputedStyle(element)[name]", name)
    return found


def forced(visit: OpenVisitor, theme: Theme) -> Visitor:
    return visit(theme=theme, forced_colors="active")


@in_both_themes
def test_what_is_pressed_looks_pressed(visit: OpenVisitor, theme: Theme) -> None:
    visitor = forced(visit, theme)
    visitor.sign_in(ADMIN)
    for path in ("/", "/admin"):
        visitor.open(path)
        pills = visitor.page.locator(".pills button")
        pressed = visitor.page.locator(".pills button[aria-pressed=true]")
        others = visitor.page.locator(".pills button[aria-pressed=false]")
        expect(pressed).to_have_count(1)
        assert pills.count() > 3
        backgrounds = {style(pill, "backgroundColor") for pill in others.all()}
        assert style(pressed, "backgroundColor") not in backgrounds


@in_both_themes
def test_the_current_page_is_marked_in_the_menus(visit: OpenVisitor, theme: Theme) -> None:
    visitor = forced(visit, theme)
    visitor.sign_in(ADMIN)
    visitor.open("/admin")
    for name in ("Main", "Admin"):
        menu = visitor.page.get_by_role("navigation", name=name)
        current = menu.locator("[aria-current=page]").first
        other = menu.locator("a:not([aria-current=page])").first
        lines = [
            link.evaluate(
                """(link) => ['', '::after', '::before'].map((part) => {
                    const { borderBottomWidth, borderBottomColor, backgroundColor, color, height }
                        = getComputedStyle(link, part || undefined);
                    return [borderBottomWidth, borderBottomColor, backgroundColor, color, height];
                })"""
            )
            for link in (current, other)
        ]
        assert lines[0] != lines[1]


@in_both_themes
def test_the_weekday_stands_above_the_numeral(
    visit: OpenVisitor, admin: ApiClient, theme: Theme
) -> None:
    """A plate is painted behind each text, and the numeral's plate reaches into the line above."""
    event = admin.new_event(title="Plate Spinning")
    visitor = forced(visit, theme)
    visitor.open(f"/events/{event['id']}")
    weekday = visitor.page.locator("mq-date-block .weekday").first
    weekday.scroll_into_view_if_needed()
    on_top = weekday.evaluate(
        """(element) => {
            const { left, bottom, width } = element.getBoundingClientRect();
            return document.elementFromPoint(left + width / 2, bottom - 1) === element;
        }"""
    )
    assert on_top


@in_both_themes
def test_a_verdict_has_an_edge(visit: OpenVisitor, admin: ApiClient, theme: Theme) -> None:
    event = admin.new_event(title="Edge of the Stage")
    visitor = forced(visit, theme)
    visitor.sign_in(ADMIN)
    visitor.open(f"/admin/check-in?event={event['id']}")
    field = visitor.page.get_by_label("Ticket code")
    field.fill("7FDY9")
    field.press("Enter")
    panel = visitor.page.locator("mq-verdict-panel .panel")
    expect(panel).to_contain_text("Not a ticket code")
    assert style(panel, "borderTopWidth") == "3px"
    assert style(panel, "borderTopColor") != style(visitor.page.locator("body"), "backgroundColor")

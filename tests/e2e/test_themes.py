"""The theme follows the system or the user, and transitions respect reduced motion."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import Theme, Visitor
from tests.e2e.conftest import OpenVisitor


def test_the_theme_follows_the_system_until_it_is_switched(visit: OpenVisitor) -> None:
    visitor = visit(theme="dark")
    page = visitor.page
    root = page.locator("html")
    dark, light = "rgb(21, 18, 15)", "rgb(246, 241, 230)"
    visitor.open("/")
    switch = page.get_by_role("switch", name="Dark theme")
    expect(switch).to_be_checked()
    expect(root).to_have_css("background-color", dark)
    switch.click()
    expect(switch).not_to_be_checked()
    expect(root).to_have_css("background-color", light)
    page.reload()
    expect(switch).not_to_be_checked()
    expect(root).to_have_css("background-color", light)
    switch.click()
    expect(root).to_have_css("background-color", dark)
    # The page follows the system again, and the system changes its theme.
    page.emulate_media(color_scheme="light")
    expect(root).to_have_css("background-color", light)


@pytest.mark.parametrize(
    ("theme", "paper"), (("light", "rgb(246, 241, 230)"), ("dark", "rgb(21, 18, 15)"))
)
def test_the_description_of_the_api_follows_the_theme(
    visit: OpenVisitor, theme: Theme, paper: str
) -> None:
    visitor = visit(theme=theme)
    visitor.page.goto(visitor.address + "/api/docs")
    expect(visitor.page.get_by_role("heading", name="Marquee")).to_be_visible()
    expect(visitor.page.locator("html")).to_have_css("background-color", paper)
    title = visitor.page.locator(".info .title")
    expect(title).to_have_css("font-family", re.compile("Bricolage Grotesque"))


def test_reduced_motion_has_no_colour_transition(visitor: Visitor) -> None:
    """A colour transition would leave text unreadable until the next frame of a busy machine."""
    visitor.open("/")
    fading: int = visitor.page.evaluate(
        """() => {
            document.querySelector('button[role=switch]').click();
            return document.getAnimations().filter((one) => one instanceof CSSTransition).length;
        }"""
    )
    assert fading == 0

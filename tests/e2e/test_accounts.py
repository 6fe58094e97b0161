"""Signing up and in."""

import re

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.e2e.browser import DESKTOP, PHONE, Visitor
from tests.e2e.conftest import OpenVisitor
from tests.e2e.server import Account


def distances(page: Page) -> set[float]:
    """Return the distances between the bottom of each field and the next label."""
    fields: list[float] = page.locator("main form .field").evaluate_all(
        """(fields) => fields.slice(1).map((field, before) =>
            Math.round(field.querySelector('label').getBoundingClientRect().top -
                fields[before].querySelector('input').getBoundingClientRect().bottom))"""
    )
    return set(fields)


@pytest.mark.parametrize("size", (PHONE, DESKTOP), ids=["phone", "desktop"])
@pytest.mark.parametrize("path", ("/sign-in", "/sign-up"))
def test_the_fields_stand_at_equal_distances_with_and_without_an_error(
    visit: OpenVisitor, path: str, size: ViewportSize
) -> None:
    visitor = visit(viewport=size)
    visitor.open(path)
    # The longest hint stands below the last field.
    expect(visitor.page.get_by_text("Numbers without + are from")).to_be_visible()
    before = distances(visitor.page)
    visitor.page.locator("main form button[type=submit]").click()
    expect(visitor.page.get_by_text(re.compile("^Enter your phone number"))).to_be_visible()
    assert len(before) == 1
    assert distances(visitor.page) == before


@pytest.mark.parametrize("path", ("/sign-in", "/sign-up", "/forgot-password"))
def test_a_phone_is_shown_as_it_is_understood_before_it_is_sent(
    visitor: Visitor, path: str
) -> None:
    visitor.open(path)
    field = visitor.page.get_by_label("Phone")
    field.fill("3929907")
    expect(field).to_have_accessible_description(
        "+49 392\u00a09907 in Germany. For a number from another country begin with +."
    )
    field.fill("+44 7400 123456")
    expect(field).to_have_accessible_description(
        "+44 740\u00a0012\u00a03456 in the United Kingdom."
    )


def test_too_many_attempts_are_refused_with_the_minutes_to_wait(
    visitor: Visitor, customer: Account
) -> None:
    wrong = {"phone": customer.phone, "password": "not the password"}
    for _ in range(10):
        visitor.context.request.post(f"{visitor.address}/api/sessions", data=wrong)
    page = visitor.page
    visitor.open("/sign-in")
    page.get_by_label("Phone").fill(customer.phone)
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Too many attempts")
    expect(page.get_by_role("alert")).to_contain_text("minutes")


def test_an_account_that_exists_is_found_by_its_number(visitor: Visitor, customer: Account) -> None:
    page = visitor.page
    visitor.open("/sign-up")
    page.get_by_label("Name").fill(customer.name)
    page.get_by_label("Phone").fill(customer.phone)
    page.get_by_label("Password").fill("something else")
    page.get_by_role("button", name="Sign up").click()
    taken = "This phone already has an account. Sign in, or use another phone."
    expect(page.get_by_text(taken)).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    expect(page.get_by_role("heading", level=1, name="Sign in")).to_be_visible()
    expect(page.get_by_label("Phone")).to_have_value(customer.phone)

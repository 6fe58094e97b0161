"""Signing up and in."""

from playwright.sync_api import expect

from tests.e2e.browser import Visitor
from tests.e2e.server import Account


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

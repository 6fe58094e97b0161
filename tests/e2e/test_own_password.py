"""A person changes the name and the password of the own account."""

from playwright.sync_api import expect

from tests.e2e.admin_page_data import section
from tests.e2e.browser import Visitor
from tests.e2e.conftest import OpenVisitor
from tests.e2e.server import Account

NEW_PASSWORD = "a-seat-in-row-7"


def test_a_new_password_signs_out_everywhere_else(
    visitor: Visitor, visit: OpenVisitor, customer: Account
) -> None:
    elsewhere = visit()
    elsewhere.sign_in(customer)
    visitor.sign_in(customer)
    page = visitor.page
    visitor.open("/account")
    page.get_by_role("button", name="Change the password").click()
    page.get_by_label("Current password").fill("not the password")
    page.get_by_label("New password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Save the password").click()
    expect(page.get_by_text("This is not your password.")).to_be_visible()
    page.get_by_label("Current password").fill(customer.password)
    page.get_by_role("button", name="Save the password").click()
    expect(page.get_by_text("Your password is changed.")).to_be_visible()

    # This browser is signed in with a new token, and the other one is not.
    page.reload()
    expect(section(page, "Where you are signed in").get_by_role("listitem")).to_have_count(1)
    elsewhere.open("/account")
    expect(elsewhere.page.get_by_role("heading", level=1, name="Sign in")).to_be_visible()
    elsewhere.page.get_by_label("Phone").fill(customer.phone)
    elsewhere.page.get_by_label("Password").fill(NEW_PASSWORD)
    elsewhere.page.get_by_role("button", name="Sign in", exact=True).click()
    expect(elsewhere.page.get_by_role("heading", level=1, name="Your account")).to_be_visible()


def test_a_new_name_is_shown_in_the_head_of_the_page(visitor: Visitor, customer: Account) -> None:
    visitor.sign_in(customer)
    page = visitor.page
    visitor.open("/account")
    page.get_by_role("button", name="Change the name").click()
    page.get_by_label("Your name").fill("Nina Newname")
    page.get_by_role("button", name="Save the name").click()
    expect(page.get_by_text("Your name is changed.")).to_be_visible()
    page.reload()
    expect(section(page, "Name").get_by_text("Nina Newname")).to_be_visible()

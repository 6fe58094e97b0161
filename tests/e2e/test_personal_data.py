"""People read what is kept about them, save it, and delete their account; admins erase others."""

import json
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.admin_page_data import section
from tests.e2e.browser import Visitor
from tests.e2e.conftest import OpenVisitor
from tests.e2e.server import Account, ApiClient

DEMO_PASSWORD = "curtain-call"


def saved(page: Page, button: str, role: str) -> tuple[str, str]:
    """Press what saves a file, and return its name and its content."""
    with page.expect_download() as download:
        page.get_by_role(role, name=button).click()  # type: ignore[arg-type]
    path = download.value.path()
    return download.value.suggested_filename, Path(path).read_text()


def test_a_customer_reads_and_saves_everything(
    visitor: Visitor, admin: ApiClient, customer: Account
) -> None:
    event = admin.new_event(title="The Well-Kept Secret")
    (code, _) = (ticket["ticket_code"] for ticket in admin.book(event, 2, customer)["tickets"])
    visitor.sign_in(customer)
    page = visitor.page
    visitor.open("/account")
    page.get_by_role("link", name="Read your data").click()
    expect(page.get_by_role("heading", level=1, name="Your data")).to_be_visible()
    bookings = section(page, "Bookings")
    expect(bookings.get_by_text("The Well-Kept Secret")).to_be_visible()
    expect(bookings.get_by_text(code)).to_be_visible()

    name, text = saved(page, "Download it as a file for programs", "link")
    assert name == "marquee-my-data.json"
    assert json.loads(text)["account"]["phone"] == customer.phone
    name, text = saved(page, "Save this page", "button")
    assert name == "marquee-my-data.html"
    assert code in text
    page.get_by_role("link", name="Your account").first.click()
    expect(page.get_by_role("heading", level=1, name="Your account")).to_be_visible()


def test_an_account_is_deleted_once_nothing_is_booked(
    visitor: Visitor, admin: ApiClient, customer: Account
) -> None:
    event = admin.new_event(title="A Fond Farewell")
    booking = admin.book(event, 1, customer)
    visitor.sign_in(customer)
    page = visitor.page
    other_tab = visitor.context.new_page()
    other_tab.goto(visitor.address + "/")
    expect(other_tab.get_by_role("link", name="Your account")).to_be_visible()
    visitor.open("/account")
    page.get_by_role("button", name="Delete my account").click()
    expect(page.get_by_text("You have bookings for coming events")).to_be_visible()
    page.get_by_role("link", name="A Fond Farewell").click()
    page.get_by_role("button", name="Cancel booking").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel booking").click()
    expect(page.get_by_text("Cancelled").first).to_be_visible()

    visitor.open("/account")
    page.get_by_role("button", name="Delete my account").click()
    section(page, "Delete your account").get_by_label("Your password").fill("not my password")
    page.get_by_role("button", name="Delete it permanently").click()
    expect(page.get_by_text("This is not your password.")).to_be_visible()
    section(page, "Delete your account").get_by_label("Your password").fill(customer.password)
    page.get_by_role("button", name="Delete it permanently").click()
    expect(page.get_by_role("heading", level=1, name="Your account is deleted")).to_be_visible()
    expect(page.get_by_role("banner").get_by_role("link", name="Sign in")).to_be_visible()
    expect(other_tab.get_by_role("banner").get_by_role("link", name="Sign in")).to_be_visible()
    (listed,) = admin.get(f"/bookings/event/{event['id']}")["items"]
    assert (listed["id"], listed["customer"]["name"]) == (booking["id"], "Erased")


def test_an_admin_erases_a_customer_at_the_box_office(
    admin_visitor: Visitor, visit: OpenVisitor, admin: ApiClient
) -> None:
    person = admin.new_customer("Zephyrine Forget-Me")
    event = admin.new_event(title="Nobody Remembers")
    page = admin_visitor.page
    admin_visitor.open(f"/admin/events/{event['id']}")
    box_office = section(page, "Box office")
    box_office.get_by_label("Find a customer", exact=True).fill("Zephyrine")
    box_office.get_by_role("button", name=person.name).click()
    box_office.get_by_role("button", name="Erase this customer").click()
    box_office.get_by_label("Your own password").fill("wrong password")
    box_office.get_by_role("button", name="Erase permanently").click()
    expect(box_office.get_by_text("This is not your password.")).to_be_visible()
    box_office.get_by_label("Your own password").fill(DEMO_PASSWORD)
    box_office.get_by_role("button", name="Erase permanently").click()
    expect(box_office.get_by_text("The customer is erased.")).to_be_visible()
    box_office.get_by_label("Find a customer", exact=True).fill("Zephyrine")
    expect(box_office.get_by_text("Nobody of that name or phone.")).to_be_visible()

"""Whose number it is: signing up by a code, taking a number over, and the box office."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.admin_page_data import section
from tests.e2e.browser import Visitor
from tests.e2e.conftest import OpenVisitor
from tests.e2e.server import Account, ApiClient
from tests.support.bodies import new_phone
from tests.support.webhook_receiver import Receiver, receiving

PASSWORD = "a seat in row 7"


@pytest.fixture
def gateway(admin: ApiClient) -> Iterator[Receiver]:
    """A program that sends text messages, for as long as the test runs."""
    with receiving() as receiver:
        body = {"url": receiver.url, "types": ["phone.code"]}
        webhook = admin.send("POST", "/webhooks", body)
        yield receiver
        admin.send("DELETE", f"/webhooks/{webhook['id']}")


def code_for(gateway: Receiver, phone: str) -> str:
    """Wait for a text message to a phone, and return the code in it; each message counts once."""

    def arrived() -> list[str]:
        data = [json.loads(message.body)["data"] for message in gateway.messages]
        return [message["text"] for message in data if message["phone"] == phone]

    gateway.wait_for(lambda _: arrived() != [])
    code = arrived()[-1].split()[0]
    gateway.messages.clear()
    return code


def sign_up(page: Page, name: str, phone: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Phone").fill(phone)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("heading", level=1, name="Confirm your phone")).to_be_visible()


def enter(page: Page, code: str) -> None:
    page.get_by_label("Code", exact=True).fill(code)
    page.get_by_role("button", name="Confirm the number").click()


def test_somebody_signs_up_with_a_code(visitor: Visitor, gateway: Receiver) -> None:
    page, phone = visitor.page, new_phone()
    visitor.open("/sign-up?return=/account")
    sign_up(page, "Cleo Frost", phone)
    code = code_for(gateway, phone)
    enter(page, f"{(int(code) + 1) % 1_000_000:06}")
    expect(page.get_by_text("This is not the code. You have 4 more tries.")).to_be_visible()
    page.get_by_role("button", name="Send another code").click()
    expect(page.get_by_text("Another code is on its way.")).to_be_visible()
    enter(page, code_for(gateway, phone))

    expect(page.get_by_role("heading", level=1, name="Your account")).to_be_visible()
    expect(page.get_by_text("Confirmed", exact=True)).to_be_visible()


def test_a_recycled_number_is_taken_over_and_its_former_owner_gets_another(
    visitor: Visitor,
    visit: OpenVisitor,
    admin_visitor: Visitor,
    admin: ApiClient,
    customer: Account,
    gateway: Receiver,
) -> None:
    event = admin.new_event(title="Change of Numbers")
    booking = admin.book(event, 2, customer)
    visitor.sign_in(customer)
    visitor.open("/bookings")
    expect(visitor.page.get_by_role("link", name="Change of Numbers", exact=True)).to_be_visible()

    newcomer = visit()
    newcomer.open("/sign-up?return=/bookings")
    sign_up(newcomer.page, "Nora New", customer.phone)
    enter(newcomer.page, code_for(gateway, customer.phone))
    expect(newcomer.page.get_by_text("Another account has this number")).to_be_visible()
    newcomer.page.get_by_role("button", name="Take the number over").click()
    expect(newcomer.page.get_by_role("heading", level=1, name="My bookings")).to_be_visible()
    # The number is hers, and the bookings are not.
    expect(newcomer.page.get_by_role("link", name="Change of Numbers")).to_have_count(0)

    visitor.page.reload()
    expect(visitor.page.get_by_role("heading", level=1, name="Sign in")).to_be_visible()
    page, other = admin_visitor.page, new_phone()
    admin_visitor.open(f"/admin/events/{event['id']}")
    office = section(page, "Box office")
    office.get_by_label("Find a customer", exact=True).fill(customer.phone[-9:])
    lost = office.get_by_role("button", name=customer.name).filter(
        has_text="number is somebody else"
    )
    lost.click()
    office.get_by_role("button", name="New number").click()
    office.get_by_label("Phone", exact=True).fill(other)
    office.get_by_label("I have seen a document").check()
    office.get_by_role("button", name="Save the number").click()
    expect(office.get_by_text("number is somebody else")).to_have_count(0)

    visitor.open("/sign-in?return=/bookings")
    visitor.page.get_by_label("Phone").fill(other)
    visitor.page.get_by_label("Password").fill(customer.password)
    visitor.page.get_by_role("button", name="Sign in", exact=True).click()
    expect(visitor.page.get_by_role("link", name="Change of Numbers", exact=True)).to_be_visible()
    assert [row["id"] for row in admin.bookings(customer)] == [booking["id"]]


def test_a_customer_changes_the_number_by_a_code(
    visitor: Visitor, customer: Account, gateway: Receiver
) -> None:
    page, phone = visitor.page, new_phone()
    visitor.sign_in(customer)
    visitor.open("/account")
    page.get_by_role("button", name="Change the number").click()
    page.get_by_label("New phone").fill(phone)
    form = page.get_by_role("form", name="Change the phone")
    form.get_by_label("Your password").fill("not my password")
    page.get_by_role("button", name="Send a code").click()
    expect(page.get_by_text("This is not your password.")).to_be_visible()
    form.get_by_label("Your password").fill(customer.password)
    page.get_by_role("button", name="Send a code").click()
    enter(page, code_for(gateway, phone))

    expect(page.get_by_text("The number is confirmed.")).to_be_visible()
    page.reload()
    shown = f"{phone[:3]} {phone[3:6]} {phone[6:10]} {phone[10:]}"
    expect(page.get_by_text(shown)).to_be_visible()


def test_the_box_office_asks_before_it_books_for_a_number_that_is_not_verified(
    admin_visitor: Visitor, visitor: Visitor, admin: ApiClient
) -> None:
    phone = new_phone()
    visitor.open("/sign-up?return=/account")
    visitor.page.get_by_label("Name").fill("Eve Unknown")
    visitor.page.get_by_label("Phone").fill(phone)
    visitor.page.get_by_label("Password").fill(PASSWORD)
    visitor.page.get_by_role("button", name="Sign up").click()
    expect(visitor.page.get_by_text("Not confirmed", exact=True)).to_be_visible()
    event = admin.new_event(title="Who Goes There")

    page = admin_visitor.page
    admin_visitor.open(f"/admin/events/{event['id']}")
    office = section(page, "Box office")
    office.get_by_label("Find a customer", exact=True).fill(phone[-9:])
    office.get_by_role("button", name="Eve Unknown").filter(has_text="not verified").click()
    office.get_by_role("button", name="Book 1 ticket").click()
    page.get_by_role("button", name="Do not book").click()
    assert admin.available(event) == event["capacity"]

    office.get_by_role("button", name="Verify the number").click()
    page.get_by_role("button", name="Yes, it is theirs").click()
    expect(office.get_by_text("number not verified", exact=True)).to_have_count(0)
    office.get_by_role("button", name="Book 1 ticket").click()
    expect(office.get_by_text("1 ticket booked for Eve Unknown")).to_be_visible()
    visitor.page.reload()
    expect(visitor.page.get_by_text("Confirmed", exact=True)).to_be_visible()

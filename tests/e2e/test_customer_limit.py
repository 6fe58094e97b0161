"""The limit of a customer on the event page, in the form and at the box office."""

from playwright.sync_api import expect

from tests.e2e.admin_page_data import field_note, section
from tests.e2e.browser import Visitor, expect_confirmation
from tests.e2e.server import Account, ApiClient


def test_a_customer_reaches_the_limit(
    visitor: Visitor, admin: ApiClient, customer: Account
) -> None:
    page = visitor.page
    visitor.sign_in(customer)
    event = admin.new_event(title="Fair Shares", max_tickets_per_customer=3)
    admin.book(event, 1, customer)
    visitor.open(f"/events/{event['id']}?quantity=3")
    expect(page.get_by_text("You have 1 ticket and may book 2 more")).to_be_visible()
    expect(page.get_by_text("You may book only 2 more tickets")).to_be_visible()
    page.get_by_role("button", name="Book 2 tickets instead").click()
    expect_confirmation(page)
    visitor.open(f"/events/{event['id']}")
    expect(page.get_by_text("You have 3 tickets")).to_be_visible()
    expect(page.get_by_text("so you cannot book more")).to_be_visible()
    expect(page.get_by_role("button", name="Book 1 ticket")).not_to_be_visible()
    page.get_by_role("link", name="Go to my bookings").click()
    expect(page.get_by_role("heading", level=1, name="My bookings")).to_be_visible()


def test_the_box_office_exceeds_the_limit_only_by_saying_so(
    admin_visitor: Visitor, admin: ApiClient, customer: Account
) -> None:
    page = admin_visitor.page
    event = admin.new_event(title="One for the Family", max_tickets_per_customer=1)
    admin.book(event, 1, customer)
    admin_visitor.open(f"/admin/events/{event['id']}")
    box_office = section(page, "Box office")
    box_office.get_by_label("Find a customer", exact=True).fill(customer.phone[-9:])
    box_office.get_by_role("button", name=customer.name).click()
    expect(box_office.get_by_text("Has 1 ticket; one customer may have 1.")).to_be_visible()
    box_office.get_by_role("button", name="Book 1 ticket").click()
    expect(box_office.get_by_text("Tick this to exceed the limit")).to_be_visible()
    assert len(admin.bookings(customer)) == 1
    box_office.get_by_label("Sell more than one customer may have").check()
    box_office.get_by_role("button", name="Book 1 ticket").click()
    expect(box_office.get_by_text(f"1 ticket booked for {customer.name}")).to_be_visible()
    expect(section(page, "Bookings")).to_contain_text("at the box office, beyond the limit")
    assert len(admin.bookings(customer)) == 2


def test_an_admin_sets_the_limit(admin_visitor: Visitor, admin: ApiClient) -> None:
    page = admin_visitor.page
    event = admin.new_event(title="Not All at Once")
    admin_visitor.open(f"/admin/events/{event['id']}/edit")
    page.get_by_label("Tickets for one customer").fill("0")
    expect(field_note(page, "Tickets for one customer")).to_contain_text("From 1 to 10,000.")
    page.get_by_label("Tickets for one customer").fill("4")
    page.get_by_role("button", name="Save changes").click()
    expect(page).to_have_url(f"{admin_visitor.address}/admin/events/{event['id']}")
    assert admin.get(f"/events/{event['id']}")["max_tickets_per_customer"] == 4

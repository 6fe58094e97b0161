"""An event's bookings on its admin page, and those that are sold at the box office."""

import re

from openpyxl import load_workbook
from playwright.sync_api import Route, expect

from tests.e2e.admin_page_data import ADMIN, field_note, section
from tests.e2e.browser import Visitor
from tests.e2e.conftest import OpenVisitor
from tests.e2e.server import Account, ApiClient, new_phone


def test_an_admin_searches_cancels_and_downloads_bookings(
    admin_visitor: Visitor, admin: ApiClient
) -> None:
    page = admin_visitor.page
    event = admin.new_event(title="Names and Numbers")
    people = {name: admin.new_customer(name) for name in ("Åsa Berg", "Bo Dahl", "=cmd|'/c'!A1")}
    for person in people.values():
        admin.book(event, 2, person)
    admin_visitor.open(f"/admin/events/{event['id']}")
    bookings = section(page, "Bookings")
    expect(bookings.get_by_role("row")).to_have_count(4)
    bookings.get_by_label("Search bookings", exact=True).press_sequentially("asa")
    expect(bookings.get_by_role("row")).to_have_count(2)
    expect(bookings).to_contain_text("Åsa Berg")

    bookings.get_by_role("button", name="Cancel booking").click()
    expect(page.get_by_role("dialog")).to_contain_text("2 tickets of Åsa Berg")
    expect(page.get_by_role("dialog")).to_contain_text("return the money yourself")
    page.get_by_role("dialog").get_by_role("button", name="Cancel booking").click()
    expect(bookings.get_by_role("status")).to_contain_text("of Åsa Berg is cancelled")
    expect(bookings.get_by_role("row").last).to_contain_text("Cancelled")
    expect(section(page, "Figures")).to_contain_text("4 of 100")

    with page.expect_download() as download:
        bookings.get_by_role("link", name="Download as CSV").click()
    lines = download.value.path().read_text("utf-8").splitlines()
    assert download.value.suggested_filename == f"event-{event['id']}-bookings.csv"
    assert len(lines) == 4
    assert "'=cmd" in lines[3]

    with page.expect_download() as download:
        bookings.get_by_role("link", name="Download as Spreadsheet").click()
    assert download.value.suggested_filename == f"event-{event['id']}-bookings.xlsx"
    with download.value.path().open("rb") as file:  # the downloaded file has no .xlsx extension
        (sheet,) = load_workbook(file).worksheets
    assert [cell.value for cell in sheet["E"]] == ["customer", *people]


def test_a_lost_answer_at_the_box_office_does_not_book_twice(
    admin_visitor: Visitor, admin: ApiClient, customer: Account
) -> None:
    page = admin_visitor.page
    event = admin.new_event(title="Once Is Enough")
    admin_visitor.open(f"/admin/events/{event['id']}")
    box_office = section(page, "Box office")
    box_office.get_by_label("Find a customer", exact=True).fill(customer.phone[-9:])
    box_office.get_by_role("button", name=customer.name).click()

    def drop_answer(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    page.route("**/api/bookings", drop_answer)
    box_office.get_by_role("button", name="Book 1 ticket").click()
    expect(box_office.get_by_text("No answer came back")).to_be_visible()
    page.unroute("**/api/bookings")
    box_office.get_by_role("button", name="Check the booking of 1 ticket").click()
    expect(box_office.get_by_text(f"1 ticket booked for {customer.name}")).to_be_visible()
    assert len(admin.bookings(customer)) == 1


def test_a_box_office_customer_can_get_a_password(
    admin_visitor: Visitor, visit: OpenVisitor, admin: ApiClient
) -> None:
    page = admin_visitor.page
    phone, password = new_phone(), "a-seat-in-row-7"
    event = admin.new_event(title="From Paper to Account")
    admin_visitor.open(f"/admin/events/{event['id']}")
    box_office = section(page, "Box office")
    box_office.get_by_role("button", name="New customer").click()
    box_office.get_by_label("Name", exact=True).fill("Wilma Without")
    box_office.get_by_label("Phone", exact=True).fill(phone)
    box_office.get_by_role("button", name="Create customer").click()

    box_office.get_by_role("button", name="Set a password").click()
    box_office.get_by_role("button", name="Make a code").click()
    code = box_office.get_by_text(re.compile(r"^\s*\w{4}-\w{4}-\w{4}\s*$")).inner_text()
    box_office.get_by_role("button", name="Close").click()
    box_office.get_by_role("button", name="Change the name").click()
    box_office.get_by_label("Name", exact=True).fill("Wilma With")
    box_office.get_by_role("button", name="Save the name").click()
    expect(box_office.get_by_text("Wilma With")).to_be_visible()
    box_office.get_by_role("button", name="Book 1 ticket").click()
    expect(box_office.get_by_text("1 ticket booked for Wilma With")).to_be_visible()

    customer = visit()
    # As the QR code opens it.
    customer.open(f"/set-password#{code}")
    customer.page.wait_for_url("**/set-password")
    customer.page.get_by_label("Phone").fill(phone)
    expect(customer.page.get_by_label("Code", exact=True)).to_have_value(code)
    customer.page.get_by_label("New password").fill("short")
    customer.page.get_by_role("button", name="Set the password").click()
    expect(field_note(customer.page, "New password")).to_contain_text("at least 8 characters")
    customer.page.get_by_label("New password").fill(password)
    customer.page.get_by_role("button", name="Set the password").click()
    expect(customer.page.get_by_role("heading", name="Your password is set")).to_be_visible()
    customer.open("/sign-in?return=/bookings")
    customer.page.get_by_label("Phone").fill(phone)
    customer.page.get_by_label("Password").fill(password)
    customer.page.get_by_role("button", name="Sign in", exact=True).click()
    expect(
        customer.page.get_by_role("link", name="From Paper to Account", exact=True)
    ).to_be_visible()


def test_the_first_sale_leaves_its_tickets_in_the_window(
    admin_visitor: Visitor, admin: ApiClient, customer: Account
) -> None:
    page = admin_visitor.page
    event = admin.new_event(title="The First Sale")
    admin_visitor.open(f"/admin/events/{event['id']}")
    box_office = section(page, "Box office")
    box_office.get_by_label("Find a customer", exact=True).fill(customer.phone[-9:])
    box_office.get_by_role("button", name=customer.name).click()
    box_office.get_by_role("button", name="Book 1 ticket").click()
    expect(page.locator("mq-sales-chart svg").first).to_be_visible()
    expect(box_office.get_by_role("link", name="Open the tickets")).to_be_in_viewport(ratio=1)


def test_an_admin_checks_in_on_a_customers_booking(
    admin_visitor: Visitor, admin: ApiClient
) -> None:
    page = admin_visitor.page
    customer = admin.new_customer("\u05e0\u05d5\u05e8")
    booking = admin.book(admin.new_event(title="Both of Them"), 2, customer)
    admin_visitor.open(f"/bookings/{booking['id']}")
    phone = page.get_by_text("Booked by").evaluate(
        """(line) => {
            const range = document.createRange();
            const text = [...line.childNodes].at(-1);
            const box = (at) => {
                range.setStart(text, at);
                range.setEnd(text, at + 1);
                return range.getBoundingClientRect().x;
            };
            const plus = text.data.indexOf('+');
            return [box(plus), box(text.data.trimEnd().length - 1)];
        }"""
    )
    assert phone[0] < phone[1], "the number is turned around"

    for number in (1, 2):
        page.get_by_role("button", name=f"Check in ticket {number} of 2 …").click()
        page.get_by_role("dialog").get_by_role("button", name="Check in").click()
        expect(page.get_by_text(f"Ticket {number} of 2 is checked in.")).to_be_visible()
    expect(page.get_by_role("button", name="Check in")).to_have_count(0)
    sold = admin.send("GET", f"/admin/events/{booking['event_id']}")
    assert sold["statistics"]["tickets_checked_in"] == 2


def test_a_session_that_ended_costs_no_message(admin_visitor: Visitor, admin: ApiClient) -> None:
    page = admin_visitor.page
    event = admin.new_event(title="Overnight Again")
    admin_visitor.open(f"/admin/events/{event['id']}/message")
    page.get_by_label("Message", exact=True).fill("Bring a coat.")
    admin_visitor.context.clear_cookies()
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("alert")).to_contain_text("You were signed out")
    with admin_visitor.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in in a new tab").click()
    tab = opened.value
    tab.get_by_label("Phone").fill(ADMIN.phone)
    tab.get_by_label("Password").fill(ADMIN.password)
    tab.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("You are signed in again")
    expect(page.get_by_label("Message", exact=True)).to_have_value("Bring a coat.")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Nobody has booked this event: nothing is sent.")).to_be_visible()

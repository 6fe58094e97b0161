"""An event's bookings on its admin page, and those that are sold at the box office."""

from openpyxl import load_workbook
from playwright.sync_api import Route, expect

from tests.e2e.admin_page_states import field_note, section
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
    shown = f"{phone[:3]} {phone[3:6]} {phone[6:10]} {phone[10:]}"
    event = admin.new_event(title="From Paper to Account")
    admin_visitor.open(f"/admin/events/{event['id']}")
    box_office = section(page, "Box office")
    box_office.get_by_role("button", name="New customer").click()
    box_office.get_by_label("Name", exact=True).fill("Wilma Without")
    box_office.get_by_label("Phone", exact=True).fill(phone)
    box_office.get_by_role("button", name="Create customer").click()

    box_office.get_by_role("button", name="Set a password").click()
    box_office.get_by_label("New password").fill("short")
    expect(field_note(page, "New password")).to_contain_text("at least 8 characters")
    box_office.get_by_label("New password").fill(password)
    box_office.get_by_label("Name", exact=True).fill("Wilma With")
    box_office.get_by_role("button", name="Set password").click()
    expect(box_office.get_by_text(f"can sign in with {shown}")).to_be_visible()
    box_office.get_by_role("button", name="Book 1 ticket").click()
    expect(box_office.get_by_text("1 ticket booked for Wilma With")).to_be_visible()

    customer = visit()
    customer.open("/sign-in?return=/bookings")
    customer.page.get_by_label("Phone").fill(phone)
    customer.page.get_by_label("Password").fill(password)
    customer.page.get_by_role("button", name="Sign in", exact=True).click()
    expect(
        customer.page.get_by_role("link", name="From Paper to Account", exact=True)
    ).to_be_visible()

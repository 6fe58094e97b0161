"""An admin's story: from the first idea to the last refund, with customers looking on."""

import re
from datetime import UTC, datetime, timedelta

from openpyxl import load_workbook
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.admin_page_states import ADMIN, section
from tests.e2e.browser import Visitor
from tests.e2e.conftest import OpenVisitor
from tests.e2e.server import Account, ApiClient, new_phone


def field_note(page: Page, label: str) -> Locator:
    name = page.get_by_label(label, exact=True).get_attribute("aria-describedby")
    return page.locator(f"#{name}")


def in_three_months() -> str:
    return (datetime.now(UTC) + timedelta(days=90)).strftime("%Y-%m-%dT19:30")


def test_the_whole_story(visit: OpenVisitor, customer: Account) -> None:
    admin = visit()
    page = admin.page
    admin.open("/sign-in")
    page.get_by_label("Phone").fill(ADMIN.phone)
    page.get_by_label("Password").fill(ADMIN.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("link", name="Admin", exact=True).click()
    page.get_by_role("link", name="New event").last.click()
    _see_every_error(page)
    _fill(page)
    preview = page.locator("aside")
    expect(preview).to_contain_text("The Glass Harmonica")
    expect(preview).to_contain_text("€25")
    page.get_by_role("button", name="Create event").click()
    expect(page.get_by_role("heading", level=1, name="The Glass Harmonica")).to_be_visible()
    event_id = page.url.rpartition("/")[2]

    visitor = visit()
    visitor.sign_in(customer)
    visitor.open("/?search=glass+harmonica")
    visitor.page.get_by_role("link", name="The Glass Harmonica").click()
    visitor.page.get_by_role("button", name="One ticket more").click()
    visitor.page.get_by_role("button", name="One ticket more").click()
    visitor.page.get_by_role("button", name="Book 3 tickets").click()
    expect(visitor.page.get_by_role("heading", level=1, name="You\u2019re going")).to_be_visible()
    booking_path = visitor.page.url.removeprefix(visitor.address)

    admin.open(f"/admin/events/{event_id}")
    expect(section(page, "Figures")).to_contain_text("3 of 50")
    expect(section(page, "Figures")).to_contain_text("€75.00")
    expect(section(page, "Sales by day")).to_contain_text("3 tickets sold on 1 day")
    expect(section(page, "Bookings")).to_contain_text(customer.name)
    expect(section(page, "Activity")).to_contain_text("created this event")

    _sell_at_the_box_office(page)
    expect(section(page, "Figures")).to_contain_text("5 of 50")
    expect(section(page, "Figures")).to_contain_text("€125.00")
    expect(section(page, "Sales by day")).to_contain_text(
        # Midnight may have come between.
        re.compile("5 tickets sold on (1 day|2 days)")
    )
    expect(section(page, "Bookings")).to_contain_text("at the box office")

    _edit_the_price(page)
    expect(section(page, "Figures")).to_contain_text("€30")
    expect(section(page, "Figures")).to_contain_text("€125.00")
    expect(section(page, "Bookings")).to_contain_text("€75.00")
    expect(section(page, "Activity")).to_contain_text("Price: 25.00 → 30.00")

    page.get_by_role("link", name="Edit or end").click()
    page.get_by_label("Capacity", exact=True).fill("4")
    expect(field_note(page, "Capacity")).to_contain_text("5 tickets are sold")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_label("Capacity", exact=True)).to_be_focused()

    page.get_by_role("button", name="Cancel event").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("cancels 2 bookings and 5 tickets")
    expect(dialog).to_contain_text("€125.00")
    dialog.get_by_role("button", name="Leave it active").click()
    page.get_by_role("button", name="Cancel event").click()
    dialog.get_by_role("button", name="Cancel the event").click()
    expect(page.get_by_role("heading", level=1, name="The Glass Harmonica")).to_be_visible()
    expect(section(page, "Figures")).to_contain_text("0 of 50")
    expect(section(page, "Activity")).to_contain_text("2 bookings and 5 tickets cancelled")

    visitor.open(booking_path)
    expect(visitor.page.get_by_role("heading", level=1, name="Booking cancelled")).to_be_visible()
    visitor.open(f"/events/{event_id}")
    expect(visitor.page.get_by_text("This event is cancelled")).to_be_visible()


def _see_every_error(page: Page) -> None:
    """Meet each field's errors once: while typing, and for what is missing when sending."""
    wrong = {
        "Title": ("   ", "Give the event a title."),
        "Description": ("x" * 10_001, "at most 10,000"),
        "Venue": ("x" * 201, "at most 200 characters; these are 201"),
        "Date and time": ("2001-01-01T19:30", "in the past"),
        "Capacity": ("0", "From 1 to 1,000,000"),
        "Price of a ticket": ("-1", "An amount like 25"),
        "Tickets in one booking": ("many", "digits only"),
    }
    for label, (value, message) in wrong.items():
        field = page.get_by_label(label, exact=True)
        field.fill(value)
        expect(field_note(page, label)).to_contain_text(message)
        expect(field).to_have_attribute("aria-invalid", "true")
        field.fill("")
    page.get_by_label("Time zone of the venue").select_option("Europe/Berlin")
    page.get_by_label("Date and time", exact=True).fill("2027-03-28T02:30")
    expect(field_note(page, "Date and time")).to_contain_text("clocks in Europe/Berlin skip this")
    page.get_by_label("Date and time", exact=True).fill("")
    page.get_by_role("button", name="Create event").click()
    expect(page.get_by_label("Title", exact=True)).to_be_focused()
    for label, message in {
        "Title": "Give the event a title.",
        "Venue": "Say where it takes place.",
        "Date and time": "Say when it starts.",
        "Capacity": "Say how many tickets there are.",
        "Price of a ticket": "Say what a ticket costs",
        "Tickets in one booking": "Say how many tickets one booking may hold.",
    }.items():
        expect(field_note(page, label)).to_contain_text(message)


def _fill(page: Page) -> None:
    for label, value in {
        "Title": "The Glass Harmonica",
        "Description": "Bowls, water and a steady hand.",
        "Venue": "Orangerie",
        "Date and time": in_three_months(),
        "Capacity": "50",
        "Price of a ticket": "25",
        "Tickets in one booking": "6",
    }.items():
        page.get_by_label(label, exact=True).fill(value)
        expect(page.get_by_label(label, exact=True)).not_to_have_attribute("aria-invalid", "true")


def _sell_at_the_box_office(page: Page) -> None:
    box_office = section(page, "Box office")
    box_office.get_by_role("button", name="New customer").click()
    box_office.get_by_role("button", name="Create customer").click()
    expect(box_office.get_by_text("Enter your name.")).to_be_visible()
    box_office.get_by_label("Name", exact=True).fill("Walk-in Wanda")
    box_office.get_by_label("Phone", exact=True).fill(ADMIN.phone)
    box_office.get_by_role("button", name="Create customer").click()
    expect(box_office.get_by_text("has an account already")).to_be_visible()
    box_office.get_by_label("Phone", exact=True).fill(new_phone())
    box_office.get_by_role("button", name="Create customer").click()
    box_office.get_by_role("button", name="One ticket more").click()
    expect(box_office).to_contain_text("€50.00")
    box_office.get_by_role("button", name="Book 2 tickets").click()
    expect(box_office.get_by_text("2 tickets booked for Walk-in Wanda")).to_be_visible()


def _edit_the_price(page: Page) -> None:
    page.get_by_role("link", name="Edit or end").click()
    page.get_by_label("Price of a ticket").fill("30")
    expect(field_note(page, "Price of a ticket")).to_contain_text("2 bookings made before keep €25")
    page.get_by_role("button", name="Save changes").click()
    expect(section(page, "Figures")).to_be_visible()


def test_a_time_of_which_a_part_is_missing_says_so(
    admin_visitor: Visitor, admin: ApiClient
) -> None:
    page = admin_visitor.page
    event = admin.new_event(title="Half a Date")
    admin_visitor.open(f"/admin/events/{event['id']}/edit")
    when = page.get_by_label("Date and time", exact=True)
    when.focus()
    page.keyboard.press("Delete")
    page.get_by_role("button", name="Save changes").click()
    expect(when).to_be_focused()
    expect(field_note(page, "Date and time")).to_contain_text("This is not complete.")


def test_somebody_else_edited_first(admin_visitor: Visitor, admin: ApiClient) -> None:
    page = admin_visitor.page
    event = admin.new_event(title="Two Cooks", venue="Kitchen", price="10.00")
    admin_visitor.open(f"/admin/events/{event['id']}/edit")
    page.get_by_label("Title", exact=True).fill("My Broth")
    page.get_by_label("Price of a ticket").fill("12")
    admin.edit_event(event, title="Their Broth", venue="Their Kitchen")
    page.get_by_role("button", name="Save changes").click()

    expect(page.get_by_role("alert")).to_contain_text("Somebody else edited this event first")
    title = page.get_by_role("group", name="Title")
    expect(title).to_contain_text("My Broth")
    expect(title).to_contain_text("Their Broth")
    expect(title).to_contain_text("Both of you changed it.")
    expect(page.get_by_role("group", name="Venue").get_by_label("Saved by")).to_be_checked()
    expect(page.get_by_role("group", name="Price").get_by_label("Yours")).to_be_checked()
    assert admin.get(f"/events/{event['id']}")["title"] == "Their Broth"

    title.get_by_label("Saved by somebody else").check()
    page.get_by_role("button", name="Save what is chosen").click()
    expect(page.get_by_role("heading", level=1, name="Their Broth")).to_be_visible()
    merged = admin.get(f"/events/{event['id']}")
    assert (merged["title"], merged["venue"], merged["price"]) == (
        "Their Broth",
        "Their Kitchen",
        "12.00",
    )


def test_tickets_sold_while_editing(
    admin_visitor: Visitor, admin: ApiClient, customer: Account
) -> None:
    page = admin_visitor.page
    event = admin.new_event(title="Selling Meanwhile", capacity=20)
    admin_visitor.open(f"/admin/events/{event['id']}/edit")
    admin.book(event, 7, customer)
    page.get_by_label("Capacity", exact=True).fill("5")
    page.get_by_role("button", name="Save changes").click()
    expect(field_note(page, "Capacity")).to_contain_text("7 tickets are sold")
    expect(page.get_by_label("Capacity", exact=True)).to_be_focused()
    expect(page.get_by_label("Capacity", exact=True)).to_have_value("5")


def test_an_edit_that_fails_keeps_what_was_typed(admin_visitor: Visitor, admin: ApiClient) -> None:
    page = admin_visitor.page
    event = admin.new_event(title="Keep Me")
    admin_visitor.open(f"/admin/events/{event['id']}/edit")
    page.get_by_label("Title", exact=True).fill("Kept")
    page.route("**/api/events/*", lambda route: route.abort("internetdisconnected"))
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("alert")).to_contain_text("What you typed is still here.")
    page.unroute("**/api/events/*")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("heading", level=1, name="Kept")).to_be_visible()


def test_completing_names_what_it_does(
    admin_visitor: Visitor, admin: ApiClient, customer: Account
) -> None:
    page = admin_visitor.page
    event = admin.new_event(title="Finished Early", capacity=20)
    admin_visitor.open(f"/admin/events/{event['id']}/edit")
    # Sold after the page was opened: the numbers are those of the moment of asking.
    admin.book(event, 4, customer)
    page.get_by_role("button", name="Mark as completed").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("16 unsold tickets go off sale")
    expect(dialog).to_contain_text("1 booking and 4 tickets stay")
    dialog.get_by_role("button", name="Mark as completed").click()
    expect(page.get_by_text("Completed").first).to_be_visible()
    admin_visitor.open(f"/admin/events/{event['id']}/edit")
    expect(page.get_by_text("It is read-only")).to_be_visible()


def test_bookings_are_searched_cancelled_and_downloaded(
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
    with download.value.path().open("rb") as file:  # whose name has no .xlsx yet
        (sheet,) = load_workbook(file).worksheets
    assert [cell.value for cell in sheet["E"]] == ["customer", *people]


def test_the_box_office_cannot_book_twice(
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


def test_a_customer_of_the_box_office_gets_a_password(
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
    box_office.get_by_label("New password").fill("short")
    expect(field_note(page, "New password")).to_contain_text("at least 8 characters")
    box_office.get_by_label("New password").fill(password)
    box_office.get_by_label("Name", exact=True).fill("Wilma With")
    box_office.get_by_role("button", name="Set password").click()
    expect(box_office.get_by_text(f"can sign in with {phone}")).to_be_visible()
    box_office.get_by_role("button", name="Book 1 ticket").click()
    expect(box_office.get_by_text("1 ticket booked for Wilma With")).to_be_visible()

    customer = visit()
    customer.open("/sign-in?return=/bookings")
    customer.page.get_by_label("Phone").fill(phone)
    customer.page.get_by_label("Password").fill(password)
    customer.page.get_by_role("button", name="Sign in", exact=True).click()
    expect(customer.page.get_by_role("link", name="From Paper to Account")).to_be_visible()

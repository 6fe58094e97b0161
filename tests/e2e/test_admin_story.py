"""An admin creates, sells, edits and cancels an event, while a customer books."""

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from tests.e2e.admin_page_data import ADMIN, field_note, section
from tests.e2e.conftest import OpenVisitor
from tests.e2e.server import Account, new_phone


def in_three_months() -> str:
    return (datetime.now(UTC) + timedelta(days=90)).strftime("%Y-%m-%dT19:30")


def test_an_admin_sells_and_cancels_an_event(visit: OpenVisitor, customer: Account) -> None:
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
    page.get_by_role("button", name="Publish").click()
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
    expect(section(page, "Sales and history")).to_contain_text("3 tickets sold on 1 day")
    expect(section(page, "Bookings")).to_contain_text(customer.name)
    expect(section(page, "Activity")).to_contain_text("created this event")

    _sell_at_the_box_office(page)
    expect(section(page, "Figures")).to_contain_text("5 of 50")
    expect(section(page, "Figures")).to_contain_text("€125.00")
    expect(section(page, "Sales and history")).to_contain_text(
        # Midnight may have passed in between.
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
    dialog.get_by_label("Reason").fill("The harmonica is broken.")
    dialog.get_by_role("button", name="Cancel the event").click()
    expect(page.get_by_role("heading", level=1, name="The Glass Harmonica")).to_be_visible()
    expect(section(page, "Figures")).to_contain_text("0 of 50")
    expect(section(page, "Activity")).to_contain_text("2 bookings and 5 tickets cancelled")

    visitor.open(booking_path)
    heading = visitor.page.get_by_role("heading", level=1, name="This event was cancelled")
    expect(heading).to_be_visible()
    expect(visitor.page.get_by_text("The harmonica is broken.")).to_be_visible()
    visitor.open(f"/events/{event_id}")
    expect(visitor.page.get_by_text("This event is cancelled")).to_be_visible()


def _see_every_error(page: Page) -> None:
    """See each field's errors once: while typing, and for missing values when sending."""
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
    page.get_by_role("button", name="Publish").click()
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

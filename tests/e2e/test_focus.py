"""The keyboard is never left on nothing: focus survives page changes, dialogs and presses."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Error, Page, expect

from tests.e2e.admin_page_data import ADMIN, section
from tests.e2e.browser import LIST_HEADING, Visitor, expect_confirmation
from tests.e2e.page_data import answer_with_error
from tests.e2e.server import Account, ApiClient

# Focus may pass through the body while a page is drawn; it may not stay there.
KEPT_MS = 3_000
HAS_FOCUS = """() => document.activeElement !== document.body
    && document.activeElement.checkVisibility()"""

Step = Callable[[str], None]


@pytest.fixture
def step(visitor: Visitor) -> Step:
    """Check that something has the focus after a step."""

    def check(name: str) -> None:
        visitor.settled()
        try:
            visitor.page.wait_for_function(HAS_FOCUS, timeout=KEPT_MS)
        except Error:
            pytest.fail(f"Nothing has the focus after: {name}")

    return check


def press(page: Page, role: str, name: str) -> None:
    """Press a button or follow a link with the keyboard."""
    control = page.get_by_role("link" if role == "link" else "button", name=name, exact=True)
    control.first.focus()
    page.keyboard.press("Enter")


def heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def test_a_customer_never_loses_the_focus(
    visitor: Visitor, admin: ApiClient, customer: Account, step: Step
) -> None:
    event = admin.new_event(title="Attention Please", capacity=9)
    page = visitor.page
    visitor.open("/?search=attention+please")
    press(page, "link", "Attention Please")
    heading(page, "Attention Please")
    step("opening an event")
    press(page, "link", "All events")
    heading(page, LIST_HEADING)
    step("going back to the list")
    page.go_forward()
    heading(page, "Attention Please")
    step("the browser's way forward")
    press(page, "link", "Sign in to book")
    heading(page, "Sign in")
    step("opening the sign-in page")
    page.get_by_label("Phone").fill(customer.phone)
    page.get_by_label("Password").fill("wrong password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").first).to_be_visible()
    step("a wrong password")
    page.get_by_label("Password").fill(customer.password)
    page.keyboard.press("Enter")
    heading(page, "Attention Please")
    step("signing in")
    press(page, "button", "Book 1 ticket")
    expect_confirmation(page)
    step("booking")
    press(page, "button", "Show ticket 1 full screen")
    step("opening the full screen")
    page.keyboard.press("Escape")
    step("closing the full screen")
    press(page, "button", "Cancel booking")
    step("opening the question")
    page.keyboard.press("Escape")
    step("closing the question")
    press(page, "button", "Cancel booking")
    press(page, "button", "Keep booking")
    step("keeping the booking")
    press(page, "button", "Cancel booking")
    page.get_by_role("dialog").get_by_role("button", name="Cancel booking").press("Enter")
    heading(page, "Booking cancelled")
    step("cancelling")
    press(page, "link", "My bookings")
    heading(page, "My bookings")
    step("opening my bookings")
    press(page, "button", "Sign out")
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
    step("signing out")
    assert admin.available(event) == 9


@pytest.mark.usefixtures("long_list")
def test_a_button_that_goes_away_leaves_the_focus_near_it(visitor: Visitor, step: Step) -> None:
    page = visitor.page
    visitor.open("/?search=zzzzzzzz")
    press(page, "button", "Show all events")
    expect(page.get_by_role("article").first).to_be_visible()
    step("showing all events")
    page.route("**/api/events*", answer_with_error)
    visitor.open("/?search=serial")
    page.unroute("**/api/events*")
    press(page, "button", "Try again")
    expect(page.get_by_role("article").first).to_be_visible()
    step("trying the list again")

    more = page.get_by_role("button", name="Show more events")
    last = page.get_by_role("article").last.get_by_role("link").inner_text()
    while more.is_visible():
        last = page.get_by_role("article").last.get_by_role("link").inner_text()
        press(page, "button", "Show more events")
        visitor.settled()
        expect(page.get_by_role("button", name="Loading more events")).to_have_count(0)
    step("showing the last events")
    # From the last card of before, Tab goes on to the first that was added.
    expect(page.get_by_role("link", name=last, exact=True)).to_be_focused()


def test_a_page_that_is_asked_for_again_keeps_the_focus(
    visitor: Visitor, admin: ApiClient, step: Step
) -> None:
    page = visitor.page
    event = admin.new_event(title="Second Try")
    page.route("**/api/events/*", answer_with_error)
    visitor.open(f"/events/{event['id']}")
    page.unroute("**/api/events/*")
    press(page, "button", "Try again")
    heading(page, "Second Try")
    step("trying the event again")


def test_a_visitor_never_loses_the_focus(
    visitor: Visitor, admin: ApiClient, customer: Account, step: Step
) -> None:
    admin.new_event(title="Handle with Care", category="Juggling")
    page = visitor.page
    visitor.open("/")
    page.get_by_label("Category").focus()
    page.get_by_label("Category").select_option("Juggling")
    expect(page.get_by_role("article")).to_have_count(1)
    step("choosing a category")
    expect(page.get_by_label("Category")).to_be_focused()
    press(page, "button", "Today")
    expect(page.get_by_role("heading", name="Nothing on in")).to_be_visible()
    step("choosing a day without events")
    press(page, "button", "Show all events")
    expect(page.get_by_role("article").nth(1)).to_be_visible()
    step("showing all events")
    press(page, "link", "Accessibility")
    heading(page, "Accessibility")
    step("opening the accessibility statement")
    press(page, "link", "Sign in")
    heading(page, "Sign in")
    step("opening the sign-in page")
    press(page, "link", "Sign up")
    heading(page, "Sign up")
    step("opening the sign-up page")
    press(page, "button", "Sign up")
    expect(page.get_by_text("Enter your name.")).to_be_visible()
    step("errors beside the fields")
    page.get_by_label("Name").fill("Nia New")
    page.get_by_label("Phone").fill(customer.phone)
    page.get_by_label("Password").fill("a seat in row seven")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Sign in, or use another")).to_be_visible()
    step("a phone that has an account")


def test_an_admin_who_prepares_events_never_loses_the_focus(
    visitor: Visitor, admin: ApiClient, step: Step
) -> None:
    event = admin.new_event(title="Heads Up", status="draft")
    visitor.sign_in(ADMIN)
    page = visitor.page
    visitor.open("/admin?status=draft&search=heads+up")
    page.get_by_label("Category").focus()
    press(page, "link", "New event")
    heading(page, "New event")
    step("opening the form")
    press(page, "button", "Draw another poster")
    step("drawing another poster")
    press(page, "button", "Publish")
    expect(page.get_by_text("Give the event a title.")).to_be_visible()
    step("errors beside the fields")
    visitor.open(f"/admin/events/{event['id']}/copies")
    page.get_by_label("Date and time").fill("2031-06-03T15:00")
    press(page, "button", "Add to the dates")
    expect(page.get_by_role("button", name="Create 1 draft")).to_be_visible()
    step("adding a date")
    press(page, "button", "Create 1 draft")
    expect(page.get_by_role("heading", name="The copies")).to_be_visible()
    step("copying")
    press(page, "link", "Check-in")
    heading(page, "Check-in")
    step("choosing a door")


def test_an_admin_never_loses_the_focus(
    visitor: Visitor, admin: ApiClient, customer: Account, step: Step
) -> None:
    event = admin.new_event(title="Eyes Front", capacity=9)
    admin.book(event, 1, customer)
    visitor.sign_in(ADMIN)
    page = visitor.page
    visitor.open("/admin?search=eyes+front")
    press(page, "link", "Eyes Front")
    heading(page, "Eyes Front")
    step("opening an event")
    office = section(page, "Box office")
    press(page, "button", "New customer")
    step("opening the form of a new customer")
    press(page, "button", "Never mind")
    step("closing that form")
    office.get_by_label("Find a customer").fill(customer.phone)
    office.get_by_role("button", name=customer.name).press("Enter")
    step("choosing a customer")
    press(page, "button", "Set a password")
    step("opening the words about a password")
    press(page, "button", "Make a code")
    step("making a code for a password")
    press(page, "button", "Close")
    step("closing the code")
    press(page, "button", "Change the name")
    step("opening the form of a name")
    press(page, "button", "Never mind")
    step("closing that form again")
    press(page, "button", "Another customer")
    step("choosing another customer")
    office.get_by_label("Find a customer").fill(customer.phone)
    office.get_by_role("button", name=customer.name).press("Enter")
    press(page, "button", "Book 1 ticket")
    expect(office.get_by_text("1 ticket booked for")).to_be_visible()
    step("booking")
    press(page, "button", "Next customer")
    step("the next customer")
    bookings = section(page, "Bookings")
    bookings.get_by_role("button", name="Cancel").first.press("Enter")
    step("opening the question")
    page.get_by_role("dialog").get_by_role("button", name="Cancel booking").press("Enter")
    expect(page.get_by_role("dialog")).to_be_hidden()
    step("cancelling a booking")
    press(page, "link", "Edit or end")
    heading(page, "Edit event")
    step("opening the form")
    page.get_by_label("Title").fill("Eyes Left")
    page.get_by_role("button", name="Save changes").press("Enter")
    heading(page, "Eyes Left")
    step("saving")
    press(page, "link", "Check-in")
    step("opening the door")

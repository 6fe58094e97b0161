"""The server fails or is unreachable: pages say so, keep the input, and can retry."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import Visitor, expect_confirmation
from tests.e2e.page_data import answer_with_error
from tests.e2e.server import Account, ApiClient


def test_the_event_list_recovers_from_a_server_error(visitor: Visitor) -> None:
    page = visitor.page
    page.route("**/api/events*", answer_with_error)
    visitor.open("/")
    expect(page.get_by_text("5f1d0c7a9b3e2468")).to_be_visible()
    page.unroute("**/api/events*")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("article").first).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)


def test_the_event_list_recovers_from_a_lost_connection(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open("/")
    page.route("**/api/events*", lambda route: route.abort("internetdisconnected"))
    page.get_by_label("Search").fill("quartett")
    expect(page.get_by_text("No connection")).to_be_visible()
    page.unroute("**/api/events*")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("article").first).to_be_visible()
    expect(page.get_by_label("Search")).to_have_value("quartett")


@pytest.mark.usefixtures("long_list")
def test_loading_more_events_can_be_retried(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open("/")
    cards = page.get_by_role("article")
    count = cards.count()
    page.route("**/api/events?*cursor=*", answer_with_error)
    page.get_by_role("button", name="Show more events").click()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    expect(cards).to_have_count(count)
    page.unroute("**/api/events?*cursor=*")
    page.get_by_role("button", name="Try again").click()
    expect(cards.nth(count)).to_be_visible()


def test_an_event_on_screen_survives_a_failed_refresh(visitor: Visitor, admin: ApiClient) -> None:
    event = admin.new_event(title="Steady On")
    page = visitor.page
    visitor.open(f"/events/{event['id']}")
    page.route("**/api/events/*", answer_with_error)
    look_again = "document.dispatchEvent(new Event('visibilitychange'))"
    with page.expect_response("**/api/events/*"):
        page.evaluate(look_again)
    expect(page.get_by_role("heading", level=1, name="Steady On")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    page.unroute("**/api/events/*")
    admin.edit_event(event, title="Steadier")
    page.evaluate(look_again)
    expect(page.get_by_role("heading", level=1, name="Steadier")).to_be_visible()


def test_booking_recovers_from_a_server_error(
    visitor: Visitor, admin: ApiClient, customer: Account
) -> None:
    event = admin.new_event(title="Second Wind")
    page = visitor.page
    visitor.sign_in(customer)
    visitor.open(f"/events/{event['id']}?quantity=2")
    page.route("**/api/bookings", answer_with_error)
    page.get_by_role("button", name="Book 2 tickets").click()
    expect(page.get_by_text("We did not hear back")).to_be_visible()
    page.unroute("**/api/bookings")
    page.get_by_role("button", name="Check my booking").click()
    expect_confirmation(page)
    assert admin.available(event) == 98


def test_the_cancel_dialog_stays_open_until_it_succeeds(
    visitor: Visitor, admin: ApiClient, customer: Account
) -> None:
    event = admin.new_event(title="Change of Heart")
    booking = admin.book(event, 1, customer)
    page = visitor.page
    visitor.sign_in(customer)
    visitor.open(f"/bookings/{booking['id']}")
    page.get_by_role("button", name="Cancel booking").click()
    dialog = page.get_by_role("dialog")
    page.route("**/api/bookings/*", lambda route: route.abort("connectionreset"))
    dialog.get_by_role("button", name="Cancel booking").click()
    expect(dialog.get_by_text("No connection")).to_be_visible()
    page.unroute("**/api/bookings/*")
    dialog.get_by_role("button", name="Cancel booking").click()
    expect(page.get_by_role("heading", level=1, name="Booking cancelled")).to_be_visible()


def test_bookings_of_an_ended_session_ask_to_sign_in_again(
    visitor: Visitor, admin: ApiClient, customer: Account
) -> None:
    admin.book(admin.new_event(title="Still Mine"), 1, customer)
    page = visitor.page
    visitor.sign_in(customer)
    visitor.open("/")
    visitor.context.clear_cookies()
    page.get_by_role("link", name="My bookings").click()
    expect(page.get_by_text("You are signed out")).to_be_visible()
    page.locator("main").get_by_role("link", name="Sign in").click()
    page.get_by_label("Phone").fill(customer.phone)
    page.get_by_label("Password").fill(customer.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("link", name="Still Mine", exact=True)).to_be_visible()


def test_a_page_whose_code_fails_to_load_can_be_retried(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open("/")
    page.route("**/*.js", lambda route: route.abort("internetdisconnected"))
    page.get_by_role("link", name="Sign in").click()
    expect(page.get_by_text("That page could not be loaded.")).to_be_visible()
    page.unroute("**/*.js")
    page.get_by_role("link", name="Try again").click()
    expect(page.get_by_role("heading", level=1, name="Sign in")).to_be_visible()

"""Other customers, changed events and lost connections while a customer books."""

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.browser import CONFIRMED, LIST_HEADING, Visitor, expect_confirmation
from tests.e2e.conftest import OpenVisitor
from tests.e2e.server import Account, ApiClient


def choose(visitor: Visitor, event: dict[str, Any], quantity: int) -> Page:
    """Open an event with a number of tickets chosen."""
    visitor.open(f"/events/{event['id']}?quantity={quantity}")
    expect(book_button(visitor.page, quantity)).to_be_visible()
    return visitor.page


def book_button(page: Page, quantity: int) -> Any:
    tickets = "1 ticket" if quantity == 1 else f"{quantity} tickets"
    return page.get_by_role("button", name=f"Book {tickets}", exact=True)


def test_the_slower_of_two_customers_is_told_sold_out(visit: OpenVisitor, admin: ApiClient) -> None:
    event = admin.new_event(title="The Last Two", capacity=2)
    people = [admin.new_customer(name) for name in ("Ana", "Ben")]
    pages = []
    for person in people:
        visitor = visit()
        visitor.sign_in(person)
        pages.append(choose(visitor, event, 2))

    for page in pages:
        book_button(page, 2).click(no_wait_after=True)

    going = f"main h1:text-is('{CONFIRMED}')"
    sold_out = "main .notice:has-text('Sold out')"
    for page in pages:
        expect(page.locator(f"{going}, {sold_out}")).to_be_visible()
    winners = [page for page in pages if page.locator(going).is_visible()]
    losers = [page for page in pages if page.locator(sold_out).is_visible()]
    assert (len(winners), len(losers)) == (1, 1)
    expect(losers[0].get_by_text("Nothing has been booked.")).to_be_visible()
    losers[0].get_by_role("link", name="See other events").click()
    expect(losers[0].get_by_role("heading", level=1, name=LIST_HEADING)).to_be_visible()
    assert admin.available(event) == 0
    assert sorted(len(admin.bookings(person)) for person in people) == [0, 1]


def test_the_remaining_tickets_are_offered(
    visitor: Visitor, admin: ApiClient, customer: Account
) -> None:
    event = admin.new_event(title="Three Left", capacity=3)
    visitor.sign_in(customer)
    page = choose(visitor, event, 3)
    admin.book(event, 1, admin.new_customer())
    book_button(page, 3).click()
    expect(page.get_by_text("Only 2 tickets left")).to_be_visible()
    page.get_by_role("button", name="Book 2 tickets instead").click()
    expect_confirmation(page)
    assert [booking["quantity"] for booking in admin.bookings(customer)] == [2]


def drop_answer(route: Route) -> None:
    """Let the server book, and drop its answer."""
    route.fetch()
    route.abort("connectionreset")


@pytest.mark.parametrize("reloads", (False, True), ids=["same-page", "after-a-reload"])
def test_a_booking_whose_answer_was_lost_is_found(
    visitor: Visitor, admin: ApiClient, customer: Account, *, reloads: bool
) -> None:
    event = admin.new_event(title="Tunnel Vision", capacity=10)
    visitor.sign_in(customer)
    page = choose(visitor, event, 2)
    page.route("**/api/bookings", drop_answer)
    book_button(page, 2).click()
    expect(page.get_by_text("We did not hear back")).to_be_visible()
    expect(page.get_by_role("spinbutton", name="Tickets")).to_be_disabled()
    page.unroute("**/api/bookings")
    if reloads:
        page.reload()
    page.get_by_role("button", name="Check my booking").click()
    expect_confirmation(page)
    assert [booking["quantity"] for booking in admin.bookings(customer)] == [2]
    assert admin.available(event) == 8


def test_a_retry_finds_the_booking_of_the_last_tickets(
    visitor: Visitor, admin: ApiClient, customer: Account
) -> None:
    event = admin.new_event(title="Own Goal", capacity=2)
    visitor.sign_in(customer)
    page = choose(visitor, event, 2)
    page.route("**/api/bookings", drop_answer)
    book_button(page, 2).click()
    expect(page.get_by_text("Sold out", exact=True)).to_be_visible()
    page.unroute("**/api/bookings")
    page.get_by_role("button", name="Check my booking").click()
    expect_confirmation(page)
    assert len(admin.bookings(customer)) == 1


def test_pressing_the_button_twice_books_once(
    visitor: Visitor, admin: ApiClient, customer: Account
) -> None:
    event = admin.new_event(title="Nervous Finger", capacity=10)
    visitor.sign_in(customer)
    page = choose(visitor, event, 1)
    book_button(page, 1).dblclick(no_wait_after=True)
    expect_confirmation(page)
    assert admin.available(event) == 9


def test_a_changed_price_needs_a_confirmation(
    visitor: Visitor, admin: ApiClient, customer: Account
) -> None:
    event = admin.new_event(title="Dearer by the Minute", price="25.00")
    visitor.sign_in(customer)
    page = choose(visitor, event, 3)
    admin.edit_event(event, price="30.00")
    book_button(page, 3).click()
    expect(page.get_by_text("The price has changed")).to_be_visible()
    assert admin.bookings(customer) == []
    page.get_by_role("button", name="Book 3 tickets for €90.00").click()
    expect_confirmation(page)
    assert [booking["total_amount"] for booking in admin.bookings(customer)] == ["90.00"]


def test_an_event_cancelled_while_booking_is_reported(
    visitor: Visitor, admin: ApiClient, customer: Account
) -> None:
    event = admin.new_event(title="Called Off")
    visitor.sign_in(customer)
    page = choose(visitor, event, 1)
    admin.edit_event(event, status="cancelled")
    book_button(page, 1).click()
    expect(page.get_by_text("This event is cancelled")).to_be_visible()
    assert admin.bookings(customer) == []


def test_signing_in_again_returns_to_the_chosen_tickets(
    visitor: Visitor, admin: ApiClient, customer: Account
) -> None:
    event = admin.new_event(title="Overslept")
    visitor.sign_in(customer)
    page = choose(visitor, event, 2)
    visitor.context.clear_cookies()
    book_button(page, 2).click()
    page.get_by_role("link", name="Sign in to book").click()
    page.get_by_label("Phone").fill(customer.phone)
    page.get_by_label("Password").fill(customer.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    book_button(page, 2).click()
    expect_confirmation(page)
    assert admin.available(event) == 98

"""Two tabs of one browser: signing in or out in one tab does so in both."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import Visitor
from tests.e2e.server import Account, ApiClient


def second_tab(visitor: Visitor, path: str) -> Page:
    page = visitor.context.new_page()
    page.goto(visitor.address + path)
    expect(page.locator("main h1")).to_be_visible()
    return page


def sign_in(page: Page, person: Account) -> None:
    page.get_by_label("Phone").fill(person.phone)
    page.get_by_label("Password").fill(person.password)
    page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.fixture
def ana(admin: ApiClient) -> Account:
    return admin.new_customer("Ana Alpha")


@pytest.fixture
def ben(admin: ApiClient) -> Account:
    return admin.new_customer("Ben Beta")


def test_the_other_tab_shows_who_has_signed_in(
    visitor: Visitor, admin: ApiClient, ana: Account, ben: Account
) -> None:
    event = admin.new_event(title="Two Tabs")
    visitor.sign_in(ana)
    visitor.open(f"/events/{event['id']}?quantity=2")
    masthead = visitor.page.get_by_role("banner")
    expect(masthead.get_by_text(ana.name)).to_be_visible()
    other = second_tab(visitor, "/sign-in")
    sign_in(other, ben)
    expect(masthead.get_by_text(ben.name)).to_be_visible()
    visitor.page.get_by_role("button", name="Book 2 tickets").click()
    expect(visitor.page).to_have_url(re.compile("/bookings/"))
    assert [len(admin.bookings(person)) for person in (ana, ben)] == [0, 1]


def test_a_booking_is_for_whom_the_page_shows_or_for_nobody(
    visitor: Visitor, admin: ApiClient, ana: Account, ben: Account
) -> None:
    """The other tab is not heard: the page still shows Ana."""
    event = admin.new_event(title="Deaf Tab")
    visitor.sign_in(ana)
    visitor.context.add_init_script("window.BroadcastChannel.prototype.postMessage = () => {}")
    visitor.open(f"/events/{event['id']}")
    masthead = visitor.page.get_by_role("banner")
    expect(masthead.get_by_text(ana.name)).to_be_visible()
    visitor.sign_in(ben)
    visitor.page.get_by_role("button", name="Book 1 ticket").click()
    expect(visitor.page.get_by_text(f"You are no longer signed in as {ana.name}")).to_be_visible()
    expect(masthead.get_by_text(ben.name)).to_be_visible()
    assert [len(admin.bookings(person)) for person in (ana, ben)] == [0, 0]
    visitor.page.get_by_role("button", name="Book 1 ticket").click()
    expect(visitor.page).to_have_url(re.compile("/bookings/"))
    assert [len(admin.bookings(person)) for person in (ana, ben)] == [0, 1]


def test_signing_out_in_one_tab_leaves_no_booking_in_the_other(
    visitor: Visitor, admin: ApiClient, ana: Account
) -> None:
    booking = admin.book(admin.new_event(title="Left Open"), 1, ana)
    visitor.sign_in(ana)
    visitor.open(f"/bookings/{booking['id']}")
    other = second_tab(visitor, "/")
    other.get_by_role("button", name="Sign out").click()
    page = visitor.page
    expect(page.get_by_role("heading", level=1, name="Sign in")).to_be_visible()
    expect(page.get_by_text("could not be loaded")).to_have_count(0)
    sign_in(page, ana)
    expect(page.get_by_role("heading", level=1, name="Your ticket")).to_be_visible()


def test_somebody_else_signing_in_leaves_no_booking_in_the_other_tab(
    visitor: Visitor, admin: ApiClient, ana: Account, ben: Account
) -> None:
    admin.book(admin.new_event(title="The Evening of Ana"), 1, ana)
    visitor.sign_in(ana)
    visitor.open("/bookings")
    evening = visitor.page.get_by_role("link", name="The Evening of Ana", exact=True)
    expect(evening).to_be_visible()
    other = second_tab(visitor, "/sign-in")
    sign_in(other, ben)
    expect(visitor.page.get_by_role("banner").get_by_text(ben.name)).to_be_visible()
    expect(evening).to_have_count(0)

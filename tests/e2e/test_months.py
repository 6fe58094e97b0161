"""Lists by date have a heading for each month that they span, in the order of headings."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import Visitor
from tests.e2e.conftest import OpenVisitor
from tests.e2e.server import Account, ApiClient

HEADINGS = """
[...document.querySelectorAll('main :is(h1, h2, h3)')].map((heading) => [
  Number(heading.getAttribute('aria-level') ?? heading.tagName.slice(1)),
  heading.textContent.trim(),
])
"""


@pytest.fixture(scope="module")
def guest(admin: ApiClient) -> Account:
    """A customer with bookings in two months of a year in which nothing else is on."""
    guest = admin.new_customer()
    for title, date_time in (
        ("First of May", "2090-05-01T20:00:00"),
        ("End of May", "2090-05-31T23:00:00"),
        ("First of June", "2090-06-01T20:00:00"),
    ):
        admin.book(admin.new_event(title=title, date_time=date_time), 1, guest)
    return guest


def headings(page: Page) -> list[tuple[int, str]]:
    return [(level, text) for level, text in page.evaluate(HEADINGS)]


@pytest.mark.parametrize("width", (360, 1280))
def test_the_programme_has_months_below_its_first_event(
    visit: OpenVisitor, guest: Account, width: int
) -> None:
    visitor = visit(viewport={"width": width, "height": 900})
    visitor.open("/?from=2090-05-01&to=2090-06-30")
    expect(visitor.page.get_by_role("article")).to_have_count(3)
    assert headings(visitor.page) == [
        (1, "What\u2019s on"),
        (2, "First of May"),
        (2, "May 2090"),
        (3, "End of May"),
        (2, "June 2090"),
        (3, "First of June"),
    ]
    assert not visitor.scrolls_sideways()


def test_one_month_and_a_search_have_no_months(visitor: Visitor, guest: Account) -> None:
    visitor.open("/?from=2090-05-01&to=2090-05-31")
    expect(visitor.page.get_by_role("article")).to_have_count(2)
    assert (2, "May 2090") not in headings(visitor.page)
    visitor.open("/?search=first+of&from=2090-05-01&to=2090-06-30")
    expect(visitor.page.get_by_role("article")).to_have_count(2)
    assert {level for level, _ in headings(visitor.page)} == {1, 2}


def test_upcoming_bookings_have_months(visitor: Visitor, guest: Account) -> None:
    visitor.sign_in(guest)
    visitor.open("/bookings")
    expect(visitor.page.get_by_role("article")).to_have_count(3)
    assert headings(visitor.page) == [
        (1, "My bookings"),
        (2, "Upcoming"),
        (3, "May 2090"),
        (4, "First of May"),
        (4, "End of May"),
        (3, "June 2090"),
        (4, "First of June"),
        (2, "Your calendar"),
    ]

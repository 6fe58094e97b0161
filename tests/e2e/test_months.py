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


@pytest.fixture(scope="module")
def five_in_july(admin: ApiClient) -> None:
    """Five events in one month of a year in which nothing else is on."""
    for day in range(1, 6):
        admin.new_event(title=f"July {day}", date_time=f"2092-07-0{day}T20:00:00")


@pytest.mark.usefixtures("five_in_july")
@pytest.mark.parametrize(
    ("width", "last_day", "in_a_row"),
    # The first card has a row of its own. Then come rows of three or of two cards, and one that
    # would be alone in the last row has all of it.
    (
        (1280, 1, [1]),
        (1280, 4, [1, 3, 3, 3]),
        (1280, 5, [1, 3, 3, 3, 1]),
        (768, 3, [1, 2, 2]),
        (768, 4, [1, 2, 2, 1]),
        (360, 4, [1, 1, 1, 1]),
    ),
)
def test_no_card_stands_alone_beside_empty_places(
    visit: OpenVisitor, width: int, last_day: int, in_a_row: list[int]
) -> None:
    visitor = visit(viewport={"width": width, "height": 900})
    visitor.open(f"/?from=2092-07-01&to=2092-07-0{last_day}")
    cards = visitor.page.get_by_role("article")
    expect(cards).to_have_count(last_day)
    whole: float = visitor.page.locator(".programme").first.evaluate("list => list.clientWidth")
    widths: list[float] = cards.evaluate_all("cards => cards.map((card) => card.clientWidth)")
    assert [round(whole / card) for card in widths] == in_a_row


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

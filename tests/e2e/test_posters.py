"""The poster of an event: the same on every page, until an admin draws another one."""

from playwright.sync_api import Page, expect

from tests.e2e.browser import Visitor
from tests.e2e.server import Account, ApiClient


def poster_on(page: Page, within: str = "main") -> str:
    """Return the drawing of the first poster."""
    drawing = page.locator(f"{within} mq-poster svg").first
    expect(drawing).to_be_visible()
    return drawing.inner_html().replace("<!---->", "")


def test_an_admin_draws_another_poster_and_everybody_sees_it(
    admin_visitor: Visitor, visitor: Visitor, admin: ApiClient, customer: Account
) -> None:
    page = admin_visitor.page
    event = admin.new_event(title="Macbeht")
    booking = admin.book(event, 1, customer)
    admin_visitor.open(f"/admin/events/{event['id']}/edit")
    before = poster_on(page, "form")
    assert poster_on(page, "aside") == before
    page.get_by_role("button", name="Draw another poster").click()
    expect(page.get_by_role("status").get_by_text("It is kept when you save.")).to_be_visible()
    drawn = poster_on(page, "form")
    assert drawn != before
    assert poster_on(page, "aside") == drawn
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("heading", level=1, name="Macbeht")).to_be_visible()

    visitor.sign_in(customer)
    pages = (
        "/?search=macbeht",
        f"/events/{event['id']}",
        "/bookings",
        f"/bookings/{booking['id']}",
    )
    for path in pages:
        visitor.open(path)
        assert poster_on(visitor.page) == drawn, path

    admin_visitor.open(f"/admin/events/{event['id']}/edit")
    page.get_by_label("Title", exact=True).fill("Macbeth")
    assert poster_on(page, "form") == drawn
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("heading", level=1, name="Macbeth")).to_be_visible()
    visitor.open(f"/events/{event['id']}")
    assert poster_on(visitor.page) == drawn


def test_a_new_event_gets_the_poster_that_its_form_shows(admin_visitor: Visitor) -> None:
    page = admin_visitor.page
    admin_visitor.open("/admin/events/new")
    shown = poster_on(page, "form")
    page.get_by_label("Title", exact=True).fill("The Glass Armonica")
    page.get_by_label("Venue", exact=True).fill("Kulturschiff")
    page.get_by_label("Date and time", exact=True).fill("2099-05-04T20:00")
    page.get_by_label("Time zone of the venue").select_option("Europe/Berlin")
    page.get_by_label("Capacity", exact=True).fill("20")
    page.get_by_label("Price of a ticket").fill("0")
    assert poster_on(page, "form") == shown
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", level=1, name="The Glass Armonica")).to_be_visible()
    admin_visitor.open(f"/events/{page.url.rpartition('/')[2]}")
    assert poster_on(page) == shown

"""An admin duplicates an event to three dates and publishes one: customers see only that one."""

from playwright.sync_api import expect

from tests.e2e.admin_page_data import ADMIN
from tests.e2e.conftest import OpenVisitor
from tests.e2e.server import Account


def test_customers_see_only_the_copy_that_is_published(
    visit: OpenVisitor, customer: Account
) -> None:
    admin = visit()
    page = admin.page
    admin.sign_in(ADMIN)
    admin.open("/admin/events/new")
    page.get_by_label("Title").fill("The Silent Choir")
    page.get_by_label("Venue").first.fill("Chapel, Bremen")
    page.get_by_label("Date and time").fill("2031-05-06T20:00")
    page.get_by_label("Time zone of the venue").select_option("Europe/Berlin")
    page.get_by_label("Doors").fill("19:00")
    page.get_by_label("Capacity", exact=True).fill("50")
    page.get_by_label("Price of a ticket").fill("20")
    page.get_by_role("button", name="Save as draft").click()
    expect(page.get_by_text("Draft", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="Box office")).to_have_count(0)

    page.get_by_role("link", name="Duplicate").click()
    page.get_by_label("Date and time").fill("2031-06-03T15:00")
    page.get_by_label("Every week, how many times").fill("3")
    page.get_by_role("button", name="Add to the dates").click()
    page.get_by_role("button", name="Create 3 drafts").click()
    copies = page.locator("ul.dates li")
    expect(copies).to_have_count(3)
    expect(page.get_by_role("button", name="Publish all")).to_be_visible()
    copies.nth(1).get_by_role("link").click()
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("Active", exact=True)).to_be_visible()
    published = page.url.rpartition("/")[2]

    visitor = visit()
    visitor.sign_in(customer)
    visitor.open("/?search=silent+choir")
    found = visitor.page.get_by_role("link", name="The Silent Choir")
    expect(found).to_have_count(1)
    found.click()
    expect(visitor.page).to_have_url(f"{visitor.address}/events/{published}")
    expect(visitor.page.get_by_text("14:00")).to_be_visible()
    visitor.open(f"/events/{int(published) + 1}")
    expect(visitor.page.get_by_role("heading", level=1)).to_contain_text("no such event")

    admin.open("/admin?status=draft&search=silent")
    table = page.get_by_role("table").first
    expect(table.get_by_role("link", name="The Silent Choir")).to_have_count(3)
    admin.open(f"/events/{int(published) + 1}")
    expect(page.get_by_text("This is a draft")).to_be_visible()

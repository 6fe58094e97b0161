"""What customers are told: a bell with the number of new notices, and the page that shows them."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser import PHONE, Visitor
from tests.e2e.conftest import OpenVisitor
from tests.e2e.server import Account, ApiClient


def bell(page: Page) -> Locator:
    return page.get_by_role("banner").get_by_role("link", name=re.compile("^Notices"))


def expect_new(page: Page, count: int) -> None:
    """Wait for the number at the bell, which asks again when the page can be seen again."""
    name = f"Notices, {count} new" if count else "Notices"
    for _ in range(60):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        page.wait_for_timeout(500)
        if bell(page).get_attribute("aria-label") == name:
            return
    expect(bell(page)).to_have_attribute("aria-label", name)


def test_a_guest_reads_how_an_event_was_moved(
    visit: OpenVisitor, admin_visitor: Visitor, admin: ApiClient, customer: Account
) -> None:
    event = admin.new_event(title="Moved by One Street", venue="Town Hall")
    admin.book(event, 2, customer)
    guest = visit(viewport=PHONE)
    guest.sign_in(customer)
    guest.open("/")
    # The booking was made by an admin, so it is news.
    expect_new(guest.page, 1)
    bell(guest.page).click()
    expect(guest.page.get_by_text("Booking confirmed")).to_be_visible()
    expect(bell(guest.page)).to_have_attribute("aria-label", "Notices")
    guest.open("/")

    page = admin_visitor.page
    admin_visitor.open(f"/admin/events/{event['id']}/edit")
    page.get_by_label("Venue", exact=True).fill("Old Barn")
    page.get_by_role("button", name="Save changes").click()
    dialog = page.get_by_role("dialog", name="Tell the guests?")
    expect(dialog).to_contain_text("1 person with 1 booking and 2 tickets")
    said = dialog.locator("blockquote").text_content() or ""
    assert "Old Barn instead of Town Hall" in said
    expect(dialog).to_contain_text("They can cancel free of charge until")
    dialog.get_by_role("button", name="Save and tell them").click()
    expect(page).to_have_url(re.compile(f"/admin/events/{event['id']}$"))

    expect_new(guest.page, 1)
    bell(guest.page).click()
    notice = guest.page.get_by_role("listitem").filter(has_text="Event changed")
    expect(notice).to_contain_text(said)
    expect(notice.get_by_text("New", exact=True)).to_be_visible()
    expect(bell(guest.page)).to_have_attribute("aria-label", "Notices")
    notice.get_by_role("link", name="See the event").click()
    expect(guest.page.get_by_role("heading", level=1, name="Moved by One Street")).to_be_visible()
    guest.open("/notices")
    expect(guest.page.get_by_text("New", exact=True)).to_have_count(0)


def test_a_message_is_previewed_sent_once_and_read(
    visit: OpenVisitor, admin_visitor: Visitor, admin: ApiClient, customer: Account
) -> None:
    event = admin.new_event(title="A Cold Evening")
    admin.book(event, 3, customer)
    page = admin_visitor.page
    admin_visitor.open(f"/admin/events/{event['id']}")
    page.get_by_role("link", name="Message guests").click()
    page.get_by_label("Message", exact=True).fill("Bring a coat.")
    page.get_by_role("button", name="Preview").click()
    dialog = page.get_by_role("dialog", name="Send this message?")
    expect(dialog).to_contain_text("It reaches 1 person with 3 tickets")
    expect(dialog.locator("blockquote")).to_have_text("A Cold Evening: Bring a coat.")
    dialog.get_by_role("button", name="Send", exact=True).dblclick()
    expect(page.get_by_text("The message was sent to 1 person.")).to_be_visible()
    expect(page.get_by_role("region", name="Sent messages").get_by_role("listitem")).to_have_count(
        1
    )
    assert len(admin.get(f"/events/{event['id']}/messages")["items"]) == 1

    guest = visit()
    guest.sign_in(customer)
    guest.open("/notices")
    expect(guest.page.get_by_text("A Cold Evening: Bring a coat.")).to_be_visible()
    expect(guest.page.get_by_text("Message from the organiser")).to_have_count(1)


def test_the_bell_follows_what_another_tab_has_read(
    visitor: Visitor, admin: ApiClient, customer: Account
) -> None:
    event = admin.new_event(title="Two Bells")
    admin.book(event, 1, customer)
    admin.send("POST", f"/events/{event['id']}/messages", {"text": "Bring a coat."})
    visitor.sign_in(customer)
    visitor.open("/")
    expect_new(visitor.page, 2)

    other = visitor.context.new_page()
    other.goto(visitor.address + "/notices")
    expect(other.get_by_text("Two Bells: Bring a coat.")).to_be_visible()

    expect(bell(visitor.page)).to_have_attribute("aria-label", "Notices")


def test_notices_are_for_people_who_are_signed_in(visitor: Visitor) -> None:
    visitor.open("/notices")
    expect(visitor.page).to_have_url(re.compile("/sign-in"))
    expect(bell(visitor.page)).to_have_count(0)

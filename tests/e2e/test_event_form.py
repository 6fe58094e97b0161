"""Editing and ending an event: errors, conflicts with another admin, sales in between."""

from playwright.sync_api import expect

from tests.e2e.admin_page_states import field_note
from tests.e2e.browser import Visitor
from tests.e2e.server import Account, ApiClient


def test_an_incomplete_time_is_reported(admin_visitor: Visitor, admin: ApiClient) -> None:
    page = admin_visitor.page
    event = admin.new_event(title="Half a Date")
    admin_visitor.open(f"/admin/events/{event['id']}/edit")
    when = page.get_by_label("Date and time", exact=True)
    when.focus()
    page.keyboard.press("Delete")
    page.get_by_role("button", name="Save changes").click()
    expect(when).to_be_focused()
    expect(field_note(page, "Date and time")).to_contain_text("This is not complete.")


def test_a_conflicting_edit_can_be_merged(admin_visitor: Visitor, admin: ApiClient) -> None:
    page = admin_visitor.page
    event = admin.new_event(title="Two Cooks", venue="Kitchen", price="10.00")
    admin_visitor.open(f"/admin/events/{event['id']}/edit")
    page.get_by_label("Title", exact=True).fill("My Broth")
    page.get_by_label("Price of a ticket").fill("12")
    admin.edit_event(event, title="Their Broth", venue="Their Kitchen")
    page.get_by_role("button", name="Save changes").click()

    expect(page.get_by_role("alert")).to_contain_text("Somebody else edited this event first")
    title = page.get_by_role("group", name="Title")
    expect(title).to_contain_text("My Broth")
    expect(title).to_contain_text("Their Broth")
    expect(title).to_contain_text("Both of you changed it.")
    expect(page.get_by_role("group", name="Venue").get_by_label("Saved by")).to_be_checked()
    expect(page.get_by_role("group", name="Price").get_by_label("Yours")).to_be_checked()
    assert admin.get(f"/events/{event['id']}")["title"] == "Their Broth"

    title.get_by_label("Saved by somebody else").check()
    page.get_by_role("button", name="Save what is chosen").click()
    expect(page.get_by_role("heading", level=1, name="Their Broth")).to_be_visible()
    merged = admin.get(f"/events/{event['id']}")
    assert (merged["title"], merged["venue"], merged["price"]) == (
        "Their Broth",
        "Their Kitchen",
        "12.00",
    )


def test_the_capacity_stays_above_tickets_sold_while_editing(
    admin_visitor: Visitor, admin: ApiClient, customer: Account
) -> None:
    page = admin_visitor.page
    event = admin.new_event(title="Selling Meanwhile", capacity=20)
    admin_visitor.open(f"/admin/events/{event['id']}/edit")
    admin.book(event, 7, customer)
    page.get_by_label("Capacity", exact=True).fill("5")
    page.get_by_role("button", name="Save changes").click()
    expect(field_note(page, "Capacity")).to_contain_text("7 tickets are sold")
    expect(page.get_by_label("Capacity", exact=True)).to_be_focused()
    expect(page.get_by_label("Capacity", exact=True)).to_have_value("5")


def test_a_failed_edit_keeps_the_input(admin_visitor: Visitor, admin: ApiClient) -> None:
    page = admin_visitor.page
    event = admin.new_event(title="Keep Me")
    admin_visitor.open(f"/admin/events/{event['id']}/edit")
    page.get_by_label("Title", exact=True).fill("Kept")
    page.route("**/api/events/*", lambda route: route.abort("internetdisconnected"))
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("alert")).to_contain_text("What you typed is still here.")
    page.unroute("**/api/events/*")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("heading", level=1, name="Kept")).to_be_visible()


def test_the_completion_dialog_names_its_consequences(
    admin_visitor: Visitor, admin: ApiClient, customer: Account
) -> None:
    page = admin_visitor.page
    event = admin.new_event(title="Finished Early", capacity=20)
    admin_visitor.open(f"/admin/events/{event['id']}/edit")
    # Tickets are sold after the page was opened; the dialog must show the current numbers.
    admin.book(event, 4, customer)
    page.get_by_role("button", name="Mark as completed").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("16 unsold tickets go off sale")
    expect(dialog).to_contain_text("1 booking and 4 tickets stay")
    dialog.get_by_role("button", name="Mark as completed").click()
    expect(page.get_by_text("Completed").first).to_be_visible()
    admin_visitor.open(f"/admin/events/{event['id']}/edit")
    expect(page.get_by_text("It is read-only")).to_be_visible()

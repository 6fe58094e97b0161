"""Editing and ending an event: errors, conflicts with another admin, sales in between."""

from playwright.sync_api import expect

from tests.e2e.admin_page_data import ADMIN, field_note
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

    expect(page.get_by_role("alert")).to_contain_text(f"{ADMIN.name} edited this event first")
    expect(page.get_by_role("heading", name="edited this event first")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("group", name="Title").get_by_label("Yours")).to_be_focused()
    title = page.get_by_role("group", name="Title")
    expect(title).to_contain_text("My Broth")
    expect(title).to_contain_text("Their Broth")
    expect(title).to_contain_text("Both of you changed it.")
    expect(page.get_by_role("group", name="Venue").get_by_label("Saved by")).to_be_checked()
    expect(page.get_by_role("group", name="Price").get_by_label("Yours")).to_be_checked()
    assert admin.get(f"/events/{event['id']}")["title"] == "Their Broth"

    title.get_by_label(f"Saved by {ADMIN.name}").check()
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


def test_a_session_that_ended_costs_no_input(admin_visitor: Visitor, admin: ApiClient) -> None:
    page = admin_visitor.page
    event = admin.new_event(title="Overnight")
    admin_visitor.open(f"/admin/events/{event['id']}/edit")
    page.get_by_label("Title", exact=True).fill("Over Two Nights")
    admin_visitor.context.clear_cookies()
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("alert")).to_contain_text("You were signed out")
    with admin_visitor.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in in a new tab").click()
    tab = opened.value
    tab.get_by_label("Phone").fill(ADMIN.phone)
    tab.get_by_label("Password").fill(ADMIN.password)
    tab.get_by_role("button", name="Sign in", exact=True).click()
    expect(tab.get_by_role("heading", level=1, name="All events")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("You are signed in again")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("heading", level=1, name="Over Two Nights")).to_be_visible()


def test_one_price_written_two_ways_is_no_conflict(
    admin_visitor: Visitor, admin: ApiClient
) -> None:
    page = admin_visitor.page
    event = admin.new_event(title="Comma", price="10.00")
    admin_visitor.open(f"/admin/events/{event['id']}/edit")
    page.get_by_label("Price of a ticket").fill("13,00")
    admin.edit_event(event, price="13.00", venue="Another House")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("group", name="Venue")).to_be_visible()
    expect(page.get_by_role("group", name="Price")).to_have_count(0)


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
    expect(page.get_by_text("Completed", exact=True).first).to_be_visible()
    admin_visitor.open(f"/admin/events/{event['id']}/edit")
    expect(page.get_by_text("It is read-only")).to_be_visible()

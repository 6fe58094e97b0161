"""Accessibility and layout of the admin's pages, their access and their figures."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import ViewportSize, expect

from app.local.postgres import Cluster
from tests.e2e.admin_page_data import ADMIN, AdminPageData, create_admin_page_data, section
from tests.e2e.admin_page_states import LOADING, visit_admin_page_states
from tests.e2e.browser import Theme, Visitor, press_tab_until
from tests.e2e.conftest import OpenVisitor
from tests.e2e.server import Account, ApiClient
from tests.e2e.test_pages import axe_violations, forced_axe_violations


@pytest.fixture(scope="module")
def admin_data(admin: ApiClient) -> AdminPageData:
    return create_admin_page_data(admin)


@pytest.mark.parametrize(
    ("theme", "width", "narrow"),
    (("light", 360, 320), ("dark", 1280, 1280)),
    ids=["light-on-a-phone", "dark-on-a-desk"],
)
def test_admin_pages_are_accessible_and_fit_the_window(
    visit: OpenVisitor, admin_data: AdminPageData, theme: Theme, width: int, narrow: int
) -> None:
    """axe finds nothing, nothing moves while a page loads, and pages fit the narrow window."""
    found: dict[str, list[str]] = {}

    def look(name: str, visitor: Visitor) -> None:
        page = visitor.page
        faults = axe_violations(page)
        if name in LOADING and (shift := visitor.layout_shift()):
            faults.append(f"layout shift {shift}")
        faults += forced_axe_violations(page)
        page.set_viewport_size({"width": narrow, "height": 740})
        if visitor.scrolls_sideways():
            faults.append(f"wider than {narrow} px")
        page.set_viewport_size(window)
        if faults:
            found[name] = faults

    window: ViewportSize = {"width": width, "height": 740}
    visit_admin_page_states(admin_data, lambda: visit(viewport=window, theme=theme), look)
    assert found == {}


def test_a_customer_sees_no_admin_page_and_downloads_no_admin_code(
    visitor: Visitor, customer: Account
) -> None:
    scripts: set[str] = set()
    visitor.page.on("request", lambda request: scripts.add(request.url))
    visitor.sign_in(customer)
    for path in ("/", "/bookings", "/admin", "/admin/events/new", "/admin/check-in?event=1"):
        visitor.open(path)
    expect(visitor.page.get_by_role("heading", level=1, name="For admins only")).to_be_visible()
    expect(visitor.page.get_by_text(f"signed in as {customer.name}, a customer")).to_be_visible()
    downloaded = [
        visitor.context.request.get(script).text() for script in scripts if script.endswith(".js")
    ]
    assert len(downloaded) > 3
    assert not any("/api/admin/" in script or "/check-in" in script for script in downloaded)
    expect(visitor.page.get_by_role("link", name="Admin", exact=True)).to_have_count(0)


def test_signing_in_returns_to_the_admin_page(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open("/admin?status=active&sort=revenue")
    expect(page.get_by_role("heading", level=1, name="Sign in")).to_be_visible()
    page.get_by_label("Phone").fill(ADMIN.phone)
    page.get_by_label("Password").fill(ADMIN.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(f"{visitor.address}/admin?status=active&sort=revenue")
    expect(page.get_by_role("heading", level=1, name="All events")).to_be_visible()


def test_statistics_equal_the_views(admin_visitor: Visitor, cluster: Cluster) -> None:
    """Every figure on the pages equals that of the views."""
    in_sql = json.loads(
        cluster.psql(
            "SELECT json_agg(row_to_json(event_sales)) FROM event_sales"
            " WHERE title LIKE 'Late Set%' OR title LIKE 'Saturday Mixed%'",
            "e2e",
        )
    )
    sums = cluster.psql(
        "SELECT to_char(count(*), 'FM9,999'), to_char(sum(bookings), 'FM9,999,999'),"
        " to_char(sum(tickets_sold), 'FM9,999,999'), to_char(sum(revenue), 'FM9,999,999.00')"
        " FROM event_sales",
        "e2e",
    )
    page = admin_visitor.page
    admin_visitor.open("/admin?status=all")
    totals = section(page, "Totals")
    for figure in sums.strip().split("|"):
        expect(totals).to_contain_text(figure)
    for event in in_sql:
        admin_visitor.open(f"/admin?status=all&search={event['title'][:12]}")
        row = page.get_by_role("row").filter(has_text=event["title"])
        expect(row).to_contain_text(f"{event['tickets_sold']} of {event['capacity']}")
        expect(row).to_contain_text(f"€{event['revenue']:,.2f}")
        admin_visitor.open(f"/admin/events/{event['event_id']}")
        days = cluster.psql(
            "SELECT count(*), sum(tickets), max(tickets) FROM daily_sales"
            f" WHERE event_id = {event['event_id']}",
            "e2e",
        )
        count, tickets, most = days.strip().split("|")
        sales = section(page, "Sales and history")
        expect(sales).to_contain_text(f"{tickets} tickets sold on {count} days")
        expect(sales).to_contain_text(f"with {most}.")
        sales.get_by_text("The same numbers as a table").click()
        expect(sales.get_by_role("row")).to_have_count(int(count) + 1)


def check_everything(cluster: Cluster) -> None:
    """Let the integrity check finish its pass, and run another one."""
    cluster.psql(
        "DO $$ BEGIN FOR n IN 1..12 LOOP PERFORM sweep_integrity(); END LOOP; END $$", "e2e"
    )


def test_a_contradiction_is_shown_as_a_finding(
    admin_visitor: Visitor, cluster: Cluster, admin: ApiClient
) -> None:
    page = admin_visitor.page
    check_everything(cluster)
    admin_visitor.open("/admin")
    expect(section(page, "Integrity")).to_contain_text("Healthy.")
    event = admin.new_event(title="Cooked Books", capacity=50)
    plant = (
        "SET session_replication_role = replica; UPDATE events SET tickets_sold = {} WHERE id = {};"
    )
    cluster.psql(plant.format(7, event["id"]), "e2e")
    try:
        admin_visitor.open(f"/admin/events/{event['id']}")
        figures = section(page, "Figures")
        expect(figures.get_by_role("alert")).to_contain_text("These figures cannot be trusted")
        check_everything(cluster)
        admin_visitor.open("/admin")
        finding = section(page, "Integrity")
        expect(finding.get_by_role("alert")).to_contain_text("1 row contradicts another")
        finding.get_by_text("See which").click()
        row = finding.get_by_role("row").filter(has_text="Tickets sold differs")
        expect(row).to_contain_text(f"events {event['id']}07")
    finally:
        cluster.psql(plant.format(0, event["id"]), "e2e")
    check_everything(cluster)
    finding.get_by_role("button", name="Look again").click()
    expect(section(page, "Integrity")).to_contain_text("Healthy.")
    admin_visitor.open(f"/admin/events/{event['id']}")
    expect(section(page, "Figures")).to_contain_text("Healthy.")


def test_the_url_keeps_the_filters_of_the_list(admin_visitor: Visitor) -> None:
    page = admin_visitor.page
    admin_visitor.open("/admin")
    page.get_by_role("button", name="Active", exact=True).click()
    page.get_by_role("button", name="Booked value").click()
    expect(page).to_have_url(f"{admin_visitor.address}/admin?status=active&sort=revenue")
    expect(page.get_by_role("columnheader", name="Booked value")).to_have_attribute(
        "aria-sort", "descending"
    )
    first = page.get_by_role("table", name="Events").get_by_role("row").nth(1)
    expect(first).to_contain_text("Nordlicht")
    page.get_by_label("Search", exact=True).press_sequentially("hamburg")
    expect(page).to_have_url(
        f"{admin_visitor.address}/admin?status=active&search=hamburg&sort=revenue"
    )
    first.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1, name="Nordlicht")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("Search", exact=True)).to_have_value("hamburg")
    expect(page.get_by_role("button", name="Active", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    page.go_back()
    expect(page).to_have_url(f"{admin_visitor.address}/admin?status=active")


def test_the_list_begins_with_what_is_next(admin_visitor: Visitor, admin: ApiClient) -> None:
    soon = (datetime.now(UTC) + timedelta(minutes=3)).replace(microsecond=0)
    event = admin.new_event(title="Tonight Only", date_time=soon.isoformat())
    page = admin_visitor.page
    admin_visitor.open("/admin")
    rows = page.get_by_role("table", name="Events").get_by_role("row")
    row = rows.filter(has_text=event["title"])
    expect(row).to_be_in_viewport()
    expect(page.get_by_role("button", name="Coming")).to_have_attribute("aria-pressed", "true")
    if soon.astimezone(ZoneInfo(event["time_zone"])).date() == datetime.now(UTC).date():
        expect(row.get_by_text("Today", exact=True)).to_be_visible()
    page.get_by_role("button", name="All", exact=True).click()
    expect(rows.nth(1)).not_to_contain_text(event["title"])


def test_a_booking_is_found_by_its_number_and_code(
    admin_visitor: Visitor, admin: ApiClient, customer: Account
) -> None:
    event = admin.new_event(title="Lost and Found")
    booking = admin.book(event, 2, customer)
    admin.book(event, 1, admin.new_customer("Nobody Else"))
    page = admin_visitor.page
    admin_visitor.open(f"/admin/events/{event['id']}")
    bookings = section(page, "Bookings")
    for search in (f"No. {booking['id']}", booking["tickets"][1]["ticket_code"][:13]):
        bookings.get_by_label("Search bookings").fill(search)
        expect(bookings.get_by_text("1 booking shown")).to_be_visible()
        expect(bookings.get_by_role("row").nth(1)).to_contain_text(customer.name)
    bookings.get_by_role("link", name=f"No. {booking['id']}").click()
    expect(page.get_by_role("heading", level=1, name="Tickets")).to_be_visible()
    expect(page.get_by_text(f"Booked by {customer.name}")).to_be_visible()
    page.get_by_role("link", name="s bookings").click()
    expect(page.get_by_role("heading", level=1, name=event["title"])).to_be_visible()


def test_leaving_a_form_asks_about_unsaved_changes(admin_visitor: Visitor) -> None:
    page = admin_visitor.page
    admin_visitor.open("/admin/events/new")
    page.get_by_label("Venue", exact=True).fill("Half a Thought")
    page.get_by_role("link", name="Back to all events").click()
    dialog = page.get_by_role("dialog", name="Leave without saving?")
    expect(dialog).to_contain_text("What you typed would be lost.")
    dialog.get_by_role("button", name="Stay here").click()
    expect(page.get_by_label("Venue", exact=True)).to_have_value("Half a Thought")
    page.get_by_role("link", name="Back to all events").click()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_label("Venue", exact=True)).to_have_value("Half a Thought")
    page.get_by_role("link", name="Back to all events").click()
    dialog.get_by_role("button", name="Leave").click()
    expect(page.get_by_role("heading", level=1, name="All events")).to_be_visible()


def test_on_a_phone_the_sort_order_is_a_select(visit: OpenVisitor) -> None:
    visitor = visit(viewport={"width": 360, "height": 740}, has_touch=True)
    visitor.sign_in(ADMIN)
    visitor.open("/admin?status=active")
    visitor.page.get_by_label("Order").select_option("Booked value, most first")
    first = visitor.page.get_by_role("table", name="Events").get_by_role("row").nth(1)
    expect(first).to_contain_text("Nordlicht")


def test_an_event_is_created_by_keyboard_alone(admin_visitor: Visitor) -> None:
    page = admin_visitor.page
    year = datetime.now(UTC).year + 1
    admin_visitor.open("/admin")
    page.keyboard.press("Home")
    press_tab_until(page, "New event")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="New event")).to_be_visible()
    for label, keys in {
        "Title": "Hands Off the Mouse",
        "Venue": "Keyboard Hall",
        "Date and time": f"0606{year}",
        "Capacity": "30",
        "Price of a ticket": "12.50",
    }.items():
        press_tab_until(page, label)
        page.keyboard.type(keys)
        if label == "Date and time":
            # The same keys work in any order of day and month, and with 12 or 24 hours.
            page.keyboard.press("Tab")
            page.keyboard.type("1130A")
    press_tab_until(page, "Publish")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Hands Off the Mouse")).to_be_visible()
    expect(page.get_by_text(f"6 June {year}, 11:30").last).to_be_visible()

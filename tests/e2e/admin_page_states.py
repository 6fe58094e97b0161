"""Every admin page in every state worth checking."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, Route, expect

from seeds.accounts import DEMO_ACCOUNTS
from tests.e2e.browser import Visitor
from tests.e2e.page_states import ENDLESS, HOSTILE, answer_with_error
from tests.e2e.server import Account, ApiClient

ADMIN = next(
    Account(0, account["name"], account["phone"], account["password"])
    for account in DEMO_ACCOUNTS
    if account["role"] == "admin"
)


def section(page: Page, heading: str) -> Locator:
    """Return the part of a page under a heading."""
    return page.get_by_role("region", name=heading, exact=True)


def field_note(page: Page, label: str) -> Locator:
    """Return what is said under a field: a hint or an error."""
    name = page.get_by_label(label, exact=True).get_attribute("aria-describedby")
    return page.locator(f"#{name}")


@dataclass(frozen=True)
class AdminPageData:
    """The rows that the states of the admin pages need."""

    events: dict[str, int]
    codes: list[str]
    customer: Account
    edit: Callable[[str], None]


def create_admin_page_data(admin: ApiClient) -> AdminPageData:
    """Create events, bookings and codes."""
    customer = admin.new_customer("Wanda Walk-in")
    events = {
        "selling": admin.new_event(title="Variations for Two Ticket Printers", capacity=40),
        "unsold": admin.new_event(title="An Empty House", capacity=200, price="0.00"),
        "sold-out": admin.new_event(title="A Single Seat", capacity=1),
        "cancelled": admin.new_event(title="Rained Off"),
        "endless": admin.new_event(title=ENDLESS, venue=HOSTILE, description=ENDLESS),
    }
    booking = admin.book(events["selling"], 5, customer)
    admin.book(events["selling"], 2, admin.new_customer(ENDLESS))
    admin.book(events["sold-out"], 1, customer)
    admin.edit_event(events["cancelled"], status="cancelled")

    def edit(title: str) -> None:
        admin.edit_event(events["unsold"], title=title, venue="Another House")

    return AdminPageData(
        events={name: event["id"] for name, event in events.items()},
        codes=[ticket["ticket_code"] for ticket in booking["tickets"]],
        customer=customer,
        edit=edit,
    )


def _at(path: str) -> Callable[[Visitor, AdminPageData], None]:
    def open_state(visitor: Visitor, data: AdminPageData) -> None:
        visitor.open(path.format(data=data))

    return open_state


def _fails(api: str, path: str) -> Callable[[Visitor, AdminPageData], None]:
    def open_state(visitor: Visitor, data: AdminPageData) -> None:
        visitor.page.route(api, answer_with_error)
        visitor.open(path.format(data=data))
        expect(visitor.page.get_by_role("button", name="Try again").first).to_be_visible()
        visitor.page.unroute(api)

    return open_state


def _findings(visitor: Visitor, _: AdminPageData) -> None:
    rows: list[dict[str, Any]] = [
        {"kind": "tickets-sold-differs", "table_name": "events", "row_id": 7},
        {"kind": "quantity-differs-from-tickets", "table_name": "bookings", "row_id": 4711},
    ]
    for row in rows:
        row |= {"expected": "54", "actual": "55", "event_id": 7}
    sweep = {
        "began_at": "2026-11-22T09:00:00Z",
        "ended_at": "2026-11-21T09:00:00Z",
        "events_checked": 12_000,
        "events_total": 24_000,
    }
    found = {"items": rows, "next_cursor": None, "violations": len(rows), "sweep": sweep}

    def answer(route: Route) -> None:
        route.fulfill(content_type="application/json", body=json.dumps(found))

    visitor.page.route("**/api/admin/integrity", answer)
    visitor.open("/admin")
    expect(visitor.page.get_by_text("2 rows contradict others")).to_be_visible()
    visitor.page.unroute("**/api/admin/integrity")


def _findings_of_an_event(visitor: Visitor, data: AdminPageData) -> None:
    row = {"kind": "tickets-sold-differs", "table_name": "events", "row_id": 7, "event_id": 7}
    body = json.dumps(
        {
            "items": [row | {"expected": "54", "actual": "55"}],
            "checked_at": "2026-11-22T09:00:00Z",
        }
    )

    def answer(route: Route) -> None:
        route.fulfill(content_type="application/json", body=body)

    visitor.page.route("**/api/admin/events/*/integrity", answer)
    visitor.open(f"/admin/events/{data.events['selling']}")
    expect(visitor.page.get_by_text("These figures cannot be trusted")).to_be_visible()
    visitor.page.unroute("**/api/admin/events/*/integrity")


def _findings_shown(visitor: Visitor, data: AdminPageData) -> None:
    _findings(visitor, data)
    visitor.page.get_by_text("See which").click()
    expect(visitor.page.get_by_text("Quantity differs from tickets")).to_be_visible()


def _errors(visitor: Visitor, _: AdminPageData) -> None:
    visitor.open("/admin/events/new")
    visitor.page.get_by_label("Capacity", exact=True).fill("some")
    visitor.page.get_by_role("button", name="Create event").click()
    expect(visitor.page.locator(".field-error")).to_have_count(5)


def _conflict(visitor: Visitor, data: AdminPageData) -> None:
    visitor.open(f"/admin/events/{data.events['unsold']}/edit")
    visitor.page.get_by_label("Title", exact=True).fill("A Full House")
    visitor.page.get_by_label("Price of a ticket").fill("5")
    data.edit(f"A House {id(visitor)}")
    visitor.page.get_by_role("button", name="Save changes").click()
    expect(visitor.page.get_by_role("button", name="Save what is chosen")).to_be_visible()


def _ending(visitor: Visitor, data: AdminPageData) -> None:
    visitor.open(f"/admin/events/{data.events['selling']}/edit")
    visitor.page.get_by_role("button", name="Cancel event").click()
    expect(visitor.page.get_by_role("dialog")).to_be_visible()


def _finding_a_customer(visitor: Visitor, data: AdminPageData) -> None:
    visitor.open(f"/admin/events/{data.events['selling']}")
    visitor.page.get_by_label("Find a customer", exact=True).fill("an")
    visitor.page.get_by_role("button", name="New customer").click()
    expect(visitor.page.get_by_text("There are more")).to_be_visible()


def _box_office(visitor: Visitor, data: AdminPageData) -> None:
    visitor.open(f"/admin/events/{data.events['selling']}")
    visitor.page.get_by_label("Find a customer", exact=True).fill("wanda walk")
    visitor.page.get_by_role("button", name="Wanda Walk-in").first.click()
    expect(visitor.page.get_by_role("button", name="Book 1 ticket")).to_be_visible()


def _setting_a_password(visitor: Visitor, data: AdminPageData) -> None:
    _box_office(visitor, data)
    visitor.page.get_by_role("button", name="Set a password").click()
    visitor.page.get_by_label("New password").fill("short")
    expect(visitor.page.get_by_text("Use at least 8 characters.")).to_be_visible()


def _past_events(visitor: Visitor, _: AdminPageData) -> None:
    visitor.open("/admin/check-in")
    visitor.page.get_by_label("Find the event").fill("variations")
    visitor.page.get_by_role("button", name="Also past events").click()
    expect(visitor.page.get_by_role("link", name="Variations for Two").first).to_be_visible()


def _scan(code: str, headline: str) -> Callable[[Visitor, AdminPageData], None]:
    def open_state(visitor: Visitor, data: AdminPageData) -> None:
        visitor.open(f"/admin/check-in?event={data.events['selling']}")
        visitor.page.get_by_label("Ticket code").fill(code.format(data=data))
        visitor.page.get_by_label("Ticket code").press("Enter")
        expect(visitor.page.get_by_text(headline).first).to_be_visible()

    return open_state


def _admit(visitor: Visitor, data: AdminPageData) -> None:
    def answer(route: Route) -> None:
        ticket = {"id": 1, "ticket_code": data.codes[1], "status": "used", "used_at": "2030-01-01"}
        event = {"id": 1, "title": "", "tickets_sold": 7, "tickets_checked_in": 3}
        booking = {"id": 1, "quantity": 5, "customer_name": "Wanda Walk-in"}
        body = json.dumps({"ticket": ticket, "booking": booking, "event": event})
        route.fulfill(content_type="application/json", body=body)

    visitor.page.route("**/api/tickets/**", answer)
    _scan(data.codes[1], "Come in")(visitor, data)
    for code in ("7FDY9", data.codes[2]):
        visitor.page.get_by_label("Ticket code").fill(code)
        visitor.page.get_by_label("Ticket code").press("Enter")
    expect(visitor.page.locator("section li")).to_have_count(2)
    visitor.page.unroute("**/api/tickets/**")


def _no_answer(visitor: Visitor, data: AdminPageData) -> None:
    visitor.page.route("**/api/tickets/**", lambda route: route.abort("connectionreset"))
    _scan(data.codes[3], "No answer")(visitor, data)
    visitor.page.unroute("**/api/tickets/**")


OpenState = Callable[[Visitor, AdminPageData], None]

_LOADING: dict[str, OpenState] = {
    "admin": _at("/admin"),
    "admin-active": _at("/admin?status=active&sort=revenue"),
    "admin-none": _at("/admin?search=zzzzzzzz"),
    "admin-findings": _findings,
    "admin-failed": _fails("**/api/admin/events?*", "/admin"),
    "admin-new": _at("/admin/events/new"),
    "admin-event": _at("/admin/events/{data.events[selling]}"),
    "admin-event-unsold": _at("/admin/events/{data.events[unsold]}"),
    "admin-event-sold-out": _at("/admin/events/{data.events[sold-out]}"),
    "admin-event-cancelled": _at("/admin/events/{data.events[cancelled]}"),
    "admin-event-endless": _at("/admin/events/{data.events[endless]}"),
    "admin-event-missing": _at("/admin/events/999999999"),
    "admin-event-failed": _fails("**/api/admin/events/*", "/admin/events/{data.events[selling]}"),
    "admin-edit": _at("/admin/events/{data.events[selling]}/edit"),
    "admin-edit-read-only": _at("/admin/events/{data.events[cancelled]}/edit"),
    "check-in-choice": _at("/admin/check-in"),
    "check-in": _at("/admin/check-in?event={data.events[selling]}"),
}
_AFTER_A_PRESS: dict[str, OpenState] = {
    "admin-findings-shown": _findings_shown,
    "admin-event-findings": _findings_of_an_event,
    "admin-new-errors": _errors,
    "admin-finding-a-customer": _finding_a_customer,
    "admin-box-office": _box_office,
    "admin-box-office-password": _setting_a_password,
    "admin-edit-conflict": _conflict,
    "admin-ending": _ending,
    "check-in-choice-past": _past_events,
    "check-in-admitted": _admit,
    "check-in-mistyped": _scan("7FDY9-S5J0F-BKKYT-F3Y6W-N", "Mistyped"),
    "check-in-no-answer": _no_answer,
}


def visit_admin_page_states(
    data: AdminPageData,
    open_window: Callable[[], Visitor],
    look: Callable[[str, Visitor], None],
    *,
    only_loading: bool = False,
) -> None:
    """Open every state in one window of `open_window`, and call `look` with its name."""
    visitor = open_window()
    visitor.sign_in(ADMIN)
    states = _LOADING if only_loading else _LOADING | _AFTER_A_PRESS
    for name, open_state in states.items():
        open_state(visitor, data)
        look(name, visitor)

"""The rows that the states of the admin pages need, and how such a page is opened."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from seeds.accounts import DEMO_ACCOUNTS
from tests.e2e.browser import Visitor
from tests.e2e.page_data import ENDLESS, HOSTILE, answer_with_error
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
    """Return the text under a field: a hint or an error."""
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
    unverified = {"phone": customer.phone, "verified": False}
    admin.send("PUT", f"/users/{customer.id}/phone", unverified)
    events = {
        "selling": admin.new_event(title="Variations for Two Ticket Printers", capacity=40),
        "unsold": admin.new_event(title="An Empty House", capacity=200, price="0.00"),
        "sold-out": admin.new_event(title="A Single Seat", capacity=1),
        "cancelled": admin.new_event(title="Rained Off"),
        "draft": admin.new_event(title="Not Announced Yet", status="draft"),
        "limited": admin.new_event(title="One Each", max_tickets_per_customer=1),
        "endless": admin.new_event(title=ENDLESS, venue=HOSTILE, description=ENDLESS),
    }
    booking = admin.book(events["selling"], 5, customer)
    admin.book(events["selling"], 2, admin.new_customer(ENDLESS))
    admin.book(events["sold-out"], 1, customer)
    admin.book(events["endless"], 1, customer)
    admin.edit_event(events["cancelled"], status="cancelled")
    disabled = admin.new_customer("Dora Disabled")
    admin.send("PUT", f"/users/{disabled.id}/disabled", {"disabled": True})

    def edit(title: str) -> None:
        admin.edit_event(events["unsold"], title=title, venue="Another House")

    return AdminPageData(
        events={name: event["id"] for name, event in events.items()},
        codes=[ticket["ticket_code"] for ticket in booking["tickets"]],
        customer=customer,
        edit=edit,
    )


OpenState = Callable[[Visitor, AdminPageData], None]


def at(path: str) -> Callable[[Visitor, AdminPageData], None]:
    def open_state(visitor: Visitor, data: AdminPageData) -> None:
        visitor.open(path.format(data=data))

    return open_state


def fails(api: str, path: str) -> Callable[[Visitor, AdminPageData], None]:
    def open_state(visitor: Visitor, data: AdminPageData) -> None:
        visitor.page.route(api, answer_with_error)
        visitor.open(path.format(data=data))
        expect(visitor.page.get_by_role("button", name="Try again").first).to_be_visible()
        visitor.page.unroute(api)

    return open_state

"""The rows behind the pages of customers and visitors, and what a state of a page is."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from playwright.sync_api import Route, expect

from seeds.accounts import DEMO_ACCOUNTS
from tests.e2e.browser import Visitor
from tests.e2e.server import Account, ApiClient
from tests.support.rows import in_days

HOSTILE = "<img src=x onerror=alert(1)>"
ENDLESS = "W" * 200
Role = Literal["anonymous", "regular", "newcomer"]


@dataclass(frozen=True)
class PageData:
    """The rows that the states of the pages need."""

    regular: Account
    newcomer: Account
    bookings: dict[str, int]
    events: dict[str, int]


def create_page_data(admin: ApiClient) -> PageData:
    """Create users, events and bookings."""
    account = next(account for account in DEMO_ACCOUNTS if account["role"] == "customer")
    users = admin.get("/users?search=" + account["phone"].removeprefix("+"))["items"]
    regular = Account(users[0]["id"], account["name"], account["phone"], account["password"])
    events = {
        "open": admin.new_event(title="Concerto for Two Typewriters", venue="Schreibsaal"),
        "few": admin.new_event(title="Chamber of Echoes", capacity=3, price="18.50"),
        "free": admin.new_event(title="Free Fall", price="0.00", max_tickets_per_booking=4),
        "sold-out": admin.new_event(title="One Chair Only", capacity=1),
        "not-yet": admin.new_event(
            title="Tickets from Tomorrow", sale_starts_at=in_days(1.2).isoformat()
        ),
        "limited": admin.new_event(title="Two Each", max_tickets_per_customer=4),
        "all-mine": admin.new_event(title="All Mine", max_tickets_per_customer=1),
        "sale-ended": admin.new_event(title="Too Late", sale_ends_at=in_days(-1).isoformat()),
        "sale-ends": admin.new_event(title="Be Quick", sale_ends_at=in_days(3).isoformat()),
        "cancelled": admin.new_event(title="The Show That Did Not Go On"),
        "hostile": admin.new_event(title=HOSTILE, venue=HOSTILE, description=HOSTILE),
        "endless": admin.new_event(title=ENDLESS, venue=ENDLESS, description=ENDLESS * 5),
    }
    admin.book(events["sold-out"], 1, admin.new_customer())
    booked = admin.book(events["open"], 3, regular)
    admin.book(events["limited"], 2, regular)
    admin.book(events["all-mine"], 1, regular)
    single = admin.book(events["endless"], 1, regular)
    cancelled = admin.book(events["few"], 1, regular)
    admin.send("PUT", f"/bookings/{cancelled['id']}", {"status": "cancelled"})
    called_off = admin.book(events["cancelled"], 2, regular)
    admin.edit_event(events["cancelled"], status="cancelled")
    for name, text in (("open", "Bring a coat.\n\nThe hall is cold."), ("endless", ENDLESS)):
        admin.send("POST", f"/events/{events[name]['id']}/messages", {"text": text})
    past = admin.get("/events?status=completed&limit=1")["items"][0]
    return PageData(
        regular=regular,
        newcomer=admin.new_customer("Nora New"),
        bookings={
            "three": booked["id"],
            "endless": single["id"],
            "cancelled": cancelled["id"],
            "called-off": called_off["id"],
        },
        events={name: event["id"] for name, event in events.items()} | {"over": past["id"]},
    )


@dataclass(frozen=True)
class PageState:
    """A page in a state, for a role; `open_state` leads there from any page.

    `asked_for` marks a state after pressing a button: what moves then is not counted as a layout
    shift, as in a browser, unless it comes late.
    """

    name: str
    role: Role
    open_state: Callable[[Visitor, PageData], None]
    asked_for: bool = False


def at(path: str) -> Callable[[Visitor, PageData], None]:
    def open_state(visitor: Visitor, data: PageData) -> None:
        visitor.open(path.format(data=data))

    return open_state


def fails(api: str, path: str) -> Callable[[Visitor, PageData], None]:
    def open_state(visitor: Visitor, data: PageData) -> None:
        visitor.page.route(api, answer_with_error)
        visitor.open(path.format(data=data))
        expect(visitor.page.get_by_role("button", name="Try again").first).to_be_visible()
        visitor.page.unroute(api)

    return open_state


def answer_with_error(route: Route) -> None:
    """Answer a request with an internal error."""
    problem = {
        "type": "/problems/internal",
        "title": "Something went wrong here",
        "status": 500,
        "detail": "The error is logged under this request_id.",
        "request_id": "5f1d0c7a9b3e2468",
    }
    route.fulfill(status=500, content_type="application/problem+json", body=json.dumps(problem))

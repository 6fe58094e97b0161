"""Every page in every state worth checking: with axe, in narrow windows, in screenshots."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from playwright.sync_api import Route, expect

from seeds.accounts import DEMO_ACCOUNTS
from tests.e2e.browser import Visitor
from tests.e2e.server import Account, ApiClient

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
        "cancelled": admin.new_event(title="The Show That Did Not Go On"),
        "hostile": admin.new_event(title=HOSTILE, venue=HOSTILE, description=HOSTILE),
        "endless": admin.new_event(title=ENDLESS, venue=ENDLESS, description=ENDLESS * 5),
    }
    admin.book(events["sold-out"], 1, admin.new_customer())
    booked = admin.book(events["open"], 3, regular)
    single = admin.book(events["endless"], 1, regular)
    cancelled = admin.book(events["few"], 1, regular)
    admin.send("PUT", f"/bookings/{cancelled['id']}", {"status": "cancelled"})
    called_off = admin.book(events["cancelled"], 2, regular)
    admin.edit_event(events["cancelled"], status="cancelled")
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


def _at(path: str) -> Callable[[Visitor, PageData], None]:
    def open_state(visitor: Visitor, data: PageData) -> None:
        visitor.open(path.format(data=data))

    return open_state


def _fails(api: str, path: str) -> Callable[[Visitor, PageData], None]:
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


def _loading(visitor: Visitor, _: PageData) -> None:
    # The request is never answered, so the page keeps its loading state.
    visitor.page.route("**/api/events*", visitor.leave_unanswered)
    visitor.page.goto(visitor.address + "/?search=slow")
    skeletons = visitor.page.locator(".skeleton")
    expect(skeletons.first).to_have_css("opacity", "1")


def _sign_up_errors(visitor: Visitor, _: PageData) -> None:
    visitor.open("/sign-up")
    visitor.page.get_by_label("Phone").fill("12")
    visitor.page.get_by_role("button", name="Sign up").click()
    expect(visitor.page.get_by_text("This phone number is too short.")).to_be_visible()


def _sign_in_failed(visitor: Visitor, _: PageData) -> None:
    visitor.open("/sign-in")
    visitor.page.get_by_label("Phone").fill("+49 171 3929999")
    visitor.page.get_by_label("Password").fill("not the password")
    visitor.page.get_by_role("button", name="Sign in", exact=True).click()
    expect(visitor.page.get_by_role("alert")).to_be_visible()


def _backwards(visitor: Visitor, _: PageData) -> None:
    visitor.open("/?from=2030-02-01&to=2030-01-01")
    expect(visitor.page.get_by_text("The last day is before the first one.")).to_be_visible()


def _refused(problem: dict[str, Any]) -> Callable[[Visitor, PageData], None]:
    def open_state(visitor: Visitor, data: PageData) -> None:
        page = visitor.page
        visitor.open(f"/events/{data.events['open']}?quantity=3")
        body = json.dumps(problem)
        page.route(
            "**/api/bookings",
            lambda route: route.fulfill(
                status=problem["status"], content_type="application/problem+json", body=body
            ),
        )
        page.get_by_role("button", name="Book 3 tickets").click()
        expect(page.locator(".notice")).to_be_visible()
        page.unroute("**/api/bookings")

    return open_state


def _no_answer(visitor: Visitor, data: PageData) -> None:
    page = visitor.page
    visitor.open(f"/events/{data.events['few']}?quantity=2")
    page.route("**/api/bookings", lambda route: route.abort("connectionreset"))
    page.get_by_role("button", name="Book 2 tickets").click()
    expect(page.get_by_text("We did not hear back")).to_be_visible()
    page.unroute("**/api/bookings")
    page.evaluate("sessionStorage.clear()")


def _full_screen(visitor: Visitor, data: PageData) -> None:
    visitor.open(f"/bookings/{data.bookings['three']}")
    visitor.page.get_by_role("button", name="Show ticket 1 full screen").click()
    expect(visitor.page.get_by_role("dialog", name="Ticket codes")).to_be_visible()


def _cancelling(visitor: Visitor, data: PageData) -> None:
    visitor.open(f"/bookings/{data.bookings['three']}")
    visitor.page.get_by_role("button", name="Cancel booking").click()
    expect(visitor.page.get_by_role("dialog")).to_be_visible()


_OTHER_PROBLEM = {
    "type": "/problems/too-many-attempts",
    "title": "Too many attempts",
    "status": 429,
    "detail": "Try again in a minute.",
    "request_id": "5f1d0c7a9b3e2468",
}

PAGE_STATES: Sequence[PageState] = (
    PageState("events", "anonymous", _at("/")),
    PageState("events-found", "anonymous", _at("/?search=typwriter")),
    PageState("events-none", "anonymous", _at("/?search=zzzzzzzz")),
    PageState("events-backwards", "anonymous", _backwards),
    PageState("events-failed", "anonymous", _fails("**/api/events*", "/?search=boom")),
    PageState("event", "anonymous", _at("/events/{data.events[open]}?quantity=3")),
    PageState("event-few", "anonymous", _at("/events/{data.events[few]}")),
    PageState("event-free", "anonymous", _at("/events/{data.events[free]}")),
    PageState("event-sold-out", "anonymous", _at("/events/{data.events[sold-out]}")),
    PageState("event-cancelled", "anonymous", _at("/events/{data.events[cancelled]}")),
    PageState("event-over", "anonymous", _at("/events/{data.events[over]}")),
    PageState("event-hostile", "anonymous", _at("/events/{data.events[hostile]}")),
    PageState("event-endless", "anonymous", _at("/events/{data.events[endless]}")),
    PageState(
        "event-failed", "anonymous", _fails("**/api/events/*", "/events/{data.events[open]}")
    ),
    PageState("event-missing", "anonymous", _at("/events/999999999")),
    PageState("sign-in", "anonymous", _at("/sign-in")),
    PageState("sign-in-failed", "anonymous", _sign_in_failed, asked_for=True),
    PageState("sign-up", "anonymous", _at("/sign-up")),
    PageState("sign-up-errors", "anonymous", _sign_up_errors, asked_for=True),
    PageState("accessibility", "anonymous", _at("/accessibility")),
    PageState("not-found", "anonymous", _at("/no/such/page")),
    PageState("event-signed-in", "regular", _at("/events/{data.events[open]}?quantity=3")),
    PageState("event-problem", "regular", _refused(_OTHER_PROBLEM), asked_for=True),
    PageState("event-no-answer", "regular", _no_answer, asked_for=True),
    PageState("booking", "regular", _at("/bookings/{data.bookings[three]}")),
    PageState("booking-endless", "regular", _at("/bookings/{data.bookings[endless]}")),
    PageState("booking-full-screen", "regular", _full_screen, asked_for=True),
    PageState("booking-cancelling", "regular", _cancelling, asked_for=True),
    PageState("booking-cancelled", "regular", _at("/bookings/{data.bookings[cancelled]}")),
    PageState("booking-called-off", "regular", _at("/bookings/{data.bookings[called-off]}")),
    PageState("booking-missing", "regular", _at("/bookings/999999999")),
    PageState("booking-failed", "regular", _fails("**/api/bookings/*", "/bookings/1")),
    PageState("bookings", "regular", _at("/bookings")),
    PageState("bookings-failed", "regular", _fails("**/api/bookings/user/*", "/bookings")),
    PageState("bookings-none", "newcomer", _at("/bookings")),
    # This is the last state, because its page never finishes loading.
    PageState("events-loading", "newcomer", _loading),
)


def visit_page_states(
    data: PageData, open_window: Callable[[], Visitor], look: Callable[[PageState, Visitor], None]
) -> None:
    """Open every state in windows of `open_window`, and call `look` for each."""
    for role in ("anonymous", "regular", "newcomer"):
        visitor = open_window()
        if role != "anonymous":
            visitor.sign_in(data.regular if role == "regular" else data.newcomer)
        for state in PAGE_STATES:
            if state.role == role:
                state.open_state(visitor, data)
                look(state, visitor)

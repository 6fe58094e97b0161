"""Every admin page in every state worth checking."""

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Route, expect

from tests.e2e import people_page_states, token_page_states, webhook_page_states
from tests.e2e.admin_page_data import ADMIN, AdminPageData, OpenState, at, fails, section
from tests.e2e.browser import Visitor
from tests.e2e.page_data import ENDLESS


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


def _failing_mails(visitor: Visitor, data: AdminPageData) -> None:
    mails: list[dict[str, Any]] = [
        {"kind": "event-changed", "event_id": 7, "event_title": ENDLESS},
        {"kind": None, "event_id": None, "event_title": None},
    ]
    for number, mail in enumerate(mails, 1):
        mail |= {
            "id": number,
            "address": f"{'long' * 15}@example.org",
            "user_id": data.customer.id,
            "user_name": data.customer.name,
            "purpose": "password-reset" if mail["kind"] is None else "notice",
            "created_at": "2026-11-22T09:00:00Z",
            "attempts": number,
            "next_attempt_at": None if number == 1 else "2026-11-22T12:00:00Z",
            "last_error": "the recipient was refused with 550",
        }
    failing = {"items": mails, "next_cursor": None, "mails_failing": 2, "webhooks_failing": 1}

    def answer(route: Route) -> None:
        route.fulfill(content_type="application/json", body=json.dumps(failing))

    visitor.page.route("**/api/mails?*", answer)
    visitor.open("/admin")
    visitor.page.get_by_text("2 mails could not be sent.").click()
    expect(visitor.page.get_by_text("Set a new password")).to_be_visible()
    visitor.page.unroute("**/api/mails?*")


def _history(visitor: Visitor, data: AdminPageData) -> None:
    visitor.open(f"/admin/events/{data.events['selling']}")
    history = section(visitor.page, "Sales and history")
    history.get_by_role("button", name="Figures after it").last.click()
    expect(history.get_by_text("Available")).to_be_visible()


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
    visitor.page.get_by_role("button", name="Publish").click()
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


def _telling(visitor: Visitor, data: AdminPageData) -> None:
    visitor.open(f"/admin/events/{data.events['selling']}/edit")
    visitor.page.get_by_label("Venue", exact=True).fill("Another House")
    visitor.page.get_by_role("button", name="Save changes").click()
    expect(visitor.page.get_by_role("dialog", name="Tell the guests?")).to_be_visible()


def _message_errors(visitor: Visitor, data: AdminPageData) -> None:
    visitor.open(f"/admin/events/{data.events['selling']}/message")
    visitor.page.get_by_role("button", name="Preview").click()
    expect(visitor.page.locator(".field-error")).to_be_visible()


def _message_previewed(visitor: Visitor, data: AdminPageData) -> None:
    visitor.open(f"/admin/events/{data.events['endless']}/message")
    visitor.page.get_by_label("Message", exact=True).fill(ENDLESS)
    visitor.page.get_by_role("button", name="Preview").click()
    expect(visitor.page.get_by_role("dialog")).to_be_visible()


def _message_sent(visitor: Visitor, data: AdminPageData) -> None:
    _message_previewed(visitor, data)
    visitor.page.get_by_role("button", name="Send", exact=True).click()
    expect(visitor.page.get_by_text("The message was sent to 1 person.")).to_be_visible()
    visitor.settled()


def _copies_chosen(visitor: Visitor, data: AdminPageData) -> None:
    visitor.open(f"/admin/events/{data.events['draft']}/copies")
    visitor.page.get_by_label("Date and time").fill("2031-06-03T15:00")
    visitor.page.get_by_role("button", name="Add to the dates").click()
    expect(visitor.page.get_by_role("button", name="Create 1 draft")).to_be_visible()


def _copies_made(visitor: Visitor, data: AdminPageData) -> None:
    _copies_chosen(visitor, data)
    visitor.page.get_by_role("button", name="Create 1 draft").click()
    expect(visitor.page.get_by_role("heading", name="The copies")).to_be_visible()


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


def _exceeding_the_limit(visitor: Visitor, data: AdminPageData) -> None:
    visitor.open(f"/admin/events/{data.events['limited']}")
    visitor.page.get_by_label("Find a customer", exact=True).fill("wanda walk")
    visitor.page.get_by_role("button", name="Wanda Walk-in").first.click()
    visitor.page.get_by_role("button", name="One ticket more").click()
    visitor.page.get_by_role("button", name="Book 2 tickets").click()
    expect(visitor.page.get_by_text("Tick this to exceed the limit")).to_be_visible()


def _asking_before_booking(visitor: Visitor, data: AdminPageData) -> None:
    _box_office(visitor, data)
    visitor.page.get_by_role("button", name="Book 1 ticket").click()
    expect(visitor.page.get_by_role("button", name="Book all the same")).to_be_visible()


def _giving_a_number(visitor: Visitor, data: AdminPageData) -> None:
    _box_office(visitor, data)
    visitor.page.get_by_role("button", name="New number").click()
    visitor.page.get_by_role("button", name="Save the number").click()
    expect(visitor.page.get_by_text("Enter your phone number.")).to_be_visible()


def _setting_a_password(visitor: Visitor, data: AdminPageData) -> None:
    _box_office(visitor, data)
    visitor.page.get_by_role("button", name="Set a password").click()
    visitor.page.get_by_role("button", name="Make a code").click()
    expect(visitor.page.get_by_role("img", name="QR code of the page")).to_be_visible()


def _erasing_a_customer(visitor: Visitor, data: AdminPageData) -> None:
    _box_office(visitor, data)
    visitor.page.get_by_role("button", name="Erase this customer").click()
    visitor.page.get_by_role("button", name="Erase permanently").click()
    expect(visitor.page.get_by_text("Enter your own password.")).to_be_visible()


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


LOADING: dict[str, OpenState] = {
    "admin": at("/admin"),
    "admin-active": at("/admin?status=active&sort=revenue"),
    "admin-none": at("/admin?search=zzzzzzzz"),
    "admin-findings": _findings,
    "admin-failed": fails("**/api/admin/events?*", "/admin"),
    "admin-new": at("/admin/events/new"),
    "admin-event": at("/admin/events/{data.events[selling]}"),
    "admin-event-unsold": at("/admin/events/{data.events[unsold]}"),
    "admin-event-sold-out": at("/admin/events/{data.events[sold-out]}"),
    "admin-event-cancelled": at("/admin/events/{data.events[cancelled]}"),
    "admin-event-endless": at("/admin/events/{data.events[endless]}"),
    "admin-event-missing": at("/admin/events/999999999"),
    "admin-event-failed": fails("**/api/admin/events/*", "/admin/events/{data.events[selling]}"),
    "admin-edit": at("/admin/events/{data.events[selling]}/edit"),
    "admin-edit-read-only": at("/admin/events/{data.events[cancelled]}/edit"),
    "admin-event-draft": at("/admin/events/{data.events[draft]}"),
    "admin-edit-draft": at("/admin/events/{data.events[draft]}/edit"),
    "admin-drafts": at("/admin?status=draft"),
    "admin-copies": at("/admin/events/{data.events[selling]}/copies"),
    "admin-message": at("/admin/events/{data.events[selling]}/message"),
    "admin-message-failed": fails(
        "**/api/events/*/messages", "/admin/events/{data.events[selling]}/message"
    ),
    **people_page_states.LOADING,
    **webhook_page_states.LOADING,
    **token_page_states.LOADING,
    "event-draft": at("/events/{data.events[draft]}"),
    "check-in-choice": at("/admin/check-in"),
    "check-in": at("/admin/check-in?event={data.events[selling]}"),
}
_AFTER_A_PRESS: dict[str, OpenState] = {
    "admin-findings-shown": _findings_shown,
    "admin-failing-mails": _failing_mails,
    "admin-event-history": _history,
    "admin-event-findings": _findings_of_an_event,
    "admin-new-errors": _errors,
    "admin-finding-a-customer": _finding_a_customer,
    "admin-box-office": _box_office,
    "admin-box-office-beyond": _exceeding_the_limit,
    "admin-box-office-password": _setting_a_password,
    "admin-box-office-erasing": _erasing_a_customer,
    "admin-box-office-asking": _asking_before_booking,
    "admin-box-office-number": _giving_a_number,
    "admin-edit-conflict": _conflict,
    "admin-ending": _ending,
    "admin-telling": _telling,
    "admin-message-errors": _message_errors,
    "admin-message-previewed": _message_previewed,
    "admin-message-sent": _message_sent,
    "admin-copies-chosen": _copies_chosen,
    "admin-copies-made": _copies_made,
    **people_page_states.AFTER_A_PRESS,
    **webhook_page_states.AFTER_A_PRESS,
    **token_page_states.AFTER_A_PRESS,
    "check-in-choice-past": _past_events,
    "check-in-admitted": _admit,
    "check-in-mistyped": _scan("7FDY9-S5J0F-BKKYT-F3Y6W-N", "Mistyped"),
    "check-in-no-answer": _no_answer,
}


def visit_admin_page_states(
    data: AdminPageData,
    open_window: Callable[[], Visitor],
    look: Callable[[str, Visitor], None],
) -> None:
    """Open every state in one window of `open_window`, and call `look` with its name."""
    visitor = open_window()
    visitor.sign_in(ADMIN)
    for name, open_state in (LOADING | _AFTER_A_PRESS).items():
        open_state(visitor, data)
        look(name, visitor)

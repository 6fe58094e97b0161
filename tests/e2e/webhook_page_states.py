"""The pages of webhooks in every state worth checking."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Route, expect

from tests.e2e.admin_page_data import AdminPageData, OpenState, at, fails
from tests.e2e.browser import Visitor
from tests.e2e.page_data import ENDLESS

AT = "2026-11-22T09:00:00Z"
WEBHOOK: dict[str, Any] = {
    "id": 3,
    "url": "https://hooks.example.org/marquee",
    "types": [],
    "event_id": None,
    "event_title": None,
    "created_at": AT,
    "failing_since": None,
    "disabled_at": None,
    "gone_at": None,
    "previous_until": None,
}
FAILING = WEBHOOK | {"failing_since": AT, "types": ["booking.confirmed", "customer.notice"]}
GONE = WEBHOOK | {"disabled_at": AT, "gone_at": AT, "failing_since": AT}
LONG_WEBHOOK = FAILING | {
    "url": f"https://{'hooks.' * 20}example.org/{'a' * 300}",
    "event_id": 7,
    "event_title": ENDLESS,
}
DELIVERY: dict[str, Any] = {
    "id": 41,
    "message_id": "fact_booking_7",
    "type": "booking.confirmed",
    "created_at": AT,
    "attempts": 1,
    "attempted_at": AT,
    "next_attempt_at": None,
    "delivered_at": AT,
    "given_up_at": None,
    "last_status": 204,
    "last_error": None,
}
FAILED = DELIVERY | {
    "id": 42,
    "attempts": 3,
    "delivered_at": None,
    "next_attempt_at": AT,
    "last_status": 500,
    "last_error": f"The receiver answered 500. It said: {'Oops' * 100}",
}
GIVEN_UP = FAILED | {"id": 43, "next_attempt_at": None, "given_up_at": AT, "last_status": None}
WAITING = DELIVERY | {"id": 44, "attempts": 0, "attempted_at": None, "delivered_at": None}
DELIVERIES = [WAITING, GIVEN_UP, FAILED, DELIVERY]


def _webhooks(*webhooks: dict[str, Any]) -> Callable[[Visitor, AdminPageData], None]:
    def open_state(visitor: Visitor, _: AdminPageData) -> None:
        def answer(route: Route) -> None:
            route.fulfill(json={"items": webhooks})

        visitor.page.route("**/api/webhooks", answer)
        visitor.open("/admin/webhooks")
        visitor.page.unroute("**/api/webhooks")

    return open_state


def _webhook(
    webhook: dict[str, Any], deliveries: list[dict[str, Any]]
) -> Callable[[Visitor, AdminPageData], None]:
    def open_state(visitor: Visitor, _: AdminPageData) -> None:
        def answer(route: Route) -> None:
            if "/deliveries" in route.request.url:
                route.fulfill(json={"items": deliveries, "next_cursor": None})
            else:
                route.fulfill(json=webhook)

        visitor.page.route("**/api/webhooks/3**", answer)
        visitor.open("/admin/webhooks/3")
        expect(visitor.page.get_by_role("heading", name="Last messages")).to_be_visible()
        visitor.page.unroute("**/api/webhooks/3**")

    return open_state


def _webhook_errors(visitor: Visitor, _: AdminPageData) -> None:
    visitor.open("/admin/webhooks/new")
    visitor.page.get_by_label("Address").fill("hooks.example.org")
    visitor.page.get_by_text("Only these facts").click()
    visitor.page.get_by_role("button", name="Create webhook").click()
    expect(visitor.page.locator(".field-error")).to_have_count(2)


def _webhook_secret(visitor: Visitor, _: AdminPageData) -> None:
    def answer(route: Route) -> None:
        secret = "whsec_Eb9l6WlSJLkWWvqYiC0MNMh6VXqYCz4sTkIQJ0+D4nA="
        route.fulfill(status=201, json=WEBHOOK | {"secret": secret})

    visitor.open("/admin/webhooks/new")
    visitor.page.route("**/api/webhooks", answer)
    visitor.page.get_by_label("Address").fill("https://hooks.example.org/marquee")
    visitor.page.get_by_role("button", name="Create webhook").click()
    expect(visitor.page.get_by_label("The new secret")).to_be_visible()
    visitor.page.unroute("**/api/webhooks")


def _webhook_deletion(visitor: Visitor, data: AdminPageData) -> None:
    _webhook(WEBHOOK, DELIVERIES)(visitor, data)
    visitor.page.get_by_role("button", name="Delete webhook …").click()
    expect(visitor.page.get_by_role("dialog")).to_be_visible()


LOADING: dict[str, OpenState] = {
    "admin-webhooks": _webhooks(WEBHOOK, FAILING, GONE, LONG_WEBHOOK),
    "admin-webhooks-none": _webhooks(),
    "admin-webhooks-failed": fails("**/api/webhooks", "/admin/webhooks"),
    "admin-webhook-new": at("/admin/webhooks/new"),
    "admin-webhook": _webhook(WEBHOOK, DELIVERIES),
    "admin-webhook-new-one": _webhook(WEBHOOK | {"previous_until": AT}, []),
    "admin-webhook-long": _webhook(LONG_WEBHOOK, DELIVERIES),
    "admin-webhook-gone": _webhook(GONE, [GIVEN_UP]),
    "admin-webhook-missing": at("/admin/webhooks/999999999"),
}
AFTER_A_PRESS: dict[str, OpenState] = {
    "admin-webhook-errors": _webhook_errors,
    "admin-webhook-secret": _webhook_secret,
    "admin-webhook-deletion": _webhook_deletion,
}

"""The pages of tokens and passes in every state worth checking, and a phone that has a pass."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Route, expect

from tests.e2e.admin_page_data import AdminPageData, OpenState, at, fails
from tests.e2e.browser import Visitor
from tests.e2e.page_data import ENDLESS

TOKEN: dict[str, Any] = {
    "id": 3,
    "name": "Till at the entrance",
    "scopes": ["box-office", "reports"],
    "is_pass": False,
    "event_id": None,
    "event_title": None,
    "user_id": 1,
    "user_name": "Theo Admin",
    "created_at": "2026-11-22T09:00:00Z",
    "expires_at": "2099-11-22T09:00:00Z",
    "revoked_at": None,
    "last_used_on": "2026-11-23",
    "usable": True,
}
PASS = TOKEN | {
    "id": 4,
    "name": "Main entrance",
    "scopes": ["door"],
    "is_pass": True,
    "event_id": 7,
    "event_title": "Variations for Two Ticket Printers",
    "last_used_on": None,
}
OVER = {"usable": False}
TOKENS = [
    TOKEN,
    PASS,
    PASS | OVER | {"id": 5, "name": "Side door", "revoked_at": "2026-11-22T10:00:00Z"},
    TOKEN | OVER | {"id": 6, "name": "Old till", "expires_at": "2026-11-22T10:00:00Z"},
    TOKEN | OVER | {"id": 7, "name": "Of a demoted admin"},
    PASS | {"id": 8, "name": ENDLESS, "event_title": ENDLESS, "user_name": ENDLESS},
]
SECRET = "mqp_s6Bhm7k0VdY3r1tXl5QjU2nPzOaCwEiGfHvKxNyMu8T"
DOOR = {"user": None, "expires_at": "2099-11-22T09:00:00Z", "door": {"event_id": 7, "name": "Door"}}


def _tokens(*tokens: dict[str, Any]) -> OpenState:
    def open_state(visitor: Visitor, _: AdminPageData) -> None:
        def answer(route: Route) -> None:
            route.fulfill(json={"items": tokens, "next_cursor": None})

        visitor.page.route("**/api/tokens", answer)
        visitor.open("/admin/tokens")
        visitor.page.unroute("**/api/tokens")

    return open_state


def _revoking(visitor: Visitor, data: AdminPageData) -> None:
    _tokens(PASS)(visitor, data)
    visitor.page.get_by_role("button", name="Revoke Main entrance").click()
    expect(visitor.page.get_by_role("dialog")).to_be_visible()


def _token_errors(visitor: Visitor, _: AdminPageData) -> None:
    visitor.open("/admin/tokens/new")
    visitor.page.get_by_role("button", name="Make token").click()
    expect(visitor.page.locator(".field-error")).to_have_count(2)


def _token_made(visitor: Visitor, _: AdminPageData) -> None:
    def answer(route: Route) -> None:
        route.fulfill(status=201, json=TOKEN | {"secret": SECRET.replace("mqp", "mqt")})

    visitor.open("/admin/tokens/new")
    visitor.page.route("**/api/tokens", answer)
    visitor.page.get_by_label("Name", exact=True).fill("Till at the entrance")
    visitor.page.get_by_text("Box office").click()
    visitor.page.get_by_role("button", name="Make token").click()
    expect(visitor.page.get_by_label("The new secret")).to_be_visible()
    visitor.page.unroute("**/api/tokens")


def _pass_made(visitor: Visitor, data: AdminPageData) -> None:
    def answer(route: Route) -> None:
        route.fulfill(status=201, json=PASS | {"secret": SECRET})

    visitor.open(f"/admin/events/{data.events['selling']}/pass")
    visitor.page.route("**/api/events/*/passes", answer)
    visitor.page.get_by_role("button", name="Make a pass").click()
    expect(visitor.page.get_by_role("img", name="QR code that opens the door")).to_be_visible()
    visitor.page.unroute("**/api/events/*/passes")


def _door(visitor: Visitor, data: AdminPageData) -> None:
    """Open the door as a phone with a pass; the window's session may look at this event."""
    door = {"event_id": data.events["selling"], "name": "Main entrance"}
    _with_session(DOOR | {"door": door}, "/door", "Variations for Two")(visitor, data)


def _with_session(session: dict[str, Any], path: str, heading: str) -> OpenState:
    def open_state(visitor: Visitor, _: AdminPageData) -> None:
        visitor.page.route("**/api/sessions/current", lambda route: route.fulfill(json=session))
        # Away from the page: a link that differs in its fragment only would load nothing.
        visitor.page.goto("about:blank")
        visitor.open(path)
        expect(visitor.page.get_by_role("heading", level=1)).to_contain_text(heading)
        visitor.page.unroute("**/api/sessions/current")

    return open_state


def _with_pass(path: str, heading: str) -> Callable[[Visitor, AdminPageData], None]:
    return _with_session(
        {"user": None, "expires_at": None, "door": None, "second_factor": None}, path, heading
    )


LOADING: dict[str, OpenState] = {
    "admin-tokens": _tokens(*TOKENS),
    "admin-tokens-none": _tokens(),
    "admin-tokens-failed": fails("**/api/tokens", "/admin/tokens"),
    "admin-token-new": at("/admin/tokens/new"),
    "admin-door-pass": at("/admin/events/{data.events[selling]}/pass"),
    "admin-door-pass-endless": at("/admin/events/{data.events[endless]}/pass"),
    "admin-door-pass-missing": at("/admin/events/999999999/pass"),
    "door-with-a-pass": _door,
    "door-without-a-pass": _with_pass("/door", "Door"),
    "door-pass-not-valid": _with_pass("/door#mqp_unknown", "This pass is not valid"),
}
AFTER_A_PRESS: dict[str, OpenState] = {
    "admin-token-revoking": _revoking,
    "admin-token-errors": _token_errors,
    "admin-token-made": _token_made,
    "admin-door-pass-made": _pass_made,
    "door-asks-first": lambda visitor, _: visitor.open(f"/door#{SECRET}"),
}

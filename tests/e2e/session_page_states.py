"""The states of the account page's list of sessions."""

from playwright.sync_api import Route, expect

from tests.e2e.browser import Visitor

HERE = {
    "id": 1,
    "is_current": True,
    "created_at": "2026-11-22T09:00:00Z",
    "last_seen_at": "2026-11-22T10:00:00Z",
    "network": "192.0.2.7",
    "browser": "Firefox on Android",
}
ITEMS = [
    HERE,
    HERE | {"id": 2, "is_current": False, "browser": "Samsung Internet on Android"},
    HERE
    | {
        "id": 3,
        "is_current": False,
        "browser": "long" * 10,
        "network": "2001:db8:1234:5678::/64",
    },
    HERE | {"id": 4, "is_current": False, "browser": None, "network": None},
]


def signed_in_elsewhere(visitor: Visitor, _: object) -> None:
    """Open the account page of somebody who is signed in in four browsers."""

    def answer(route: Route) -> None:
        route.fulfill(json={"items": ITEMS})

    visitor.page.route("**/api/sessions", answer)
    visitor.open("/account")
    expect(visitor.page.get_by_text("Unknown browser")).to_be_visible()
    visitor.page.unroute("**/api/sessions")


def signing_out_elsewhere(visitor: Visitor, data: object) -> None:
    """Be asked before all other sessions end."""
    signed_in_elsewhere(visitor, data)
    visitor.page.get_by_role("button", name="Sign out everywhere else").click()
    expect(visitor.page.get_by_role("dialog")).to_be_visible()


def sessions_failed(visitor: Visitor, _: object) -> None:
    """Open the account page while the sessions cannot be listed."""
    visitor.page.route("**/api/sessions", lambda route: route.abort("connectionreset"))
    visitor.open("/account")
    expect(visitor.page.get_by_role("button", name="Try again")).to_be_visible()
    visitor.page.unroute("**/api/sessions")

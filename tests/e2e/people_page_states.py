"""The states of the admin page of people."""

from playwright.sync_api import expect

from tests.e2e.admin_page_data import AdminPageData, OpenState, at, fails
from tests.e2e.browser import Visitor


def _changing(visitor: Visitor, _: AdminPageData) -> None:
    visitor.open("/admin/people?search=wanda")
    visitor.page.get_by_text("Change", exact=True).first.click()
    expect(visitor.page.get_by_role("button", name="Disable account")).to_be_visible()


def _asking(visitor: Visitor, data: AdminPageData) -> None:
    _changing(visitor, data)
    visitor.page.get_by_role("button", name="Make admin").first.click()
    expect(visitor.page.get_by_role("dialog")).to_be_visible()


def _confirming(visitor: Visitor, data: AdminPageData) -> None:
    refusal = {
        "type": "/problems/confirmation-required",
        "title": "Give your password again first",
        "status": 403,
        "detail": "It was not given within the last 15 minutes.",
        "second_factor": True,
    }
    visitor.page.route(
        "**/api/users/*/role",
        lambda route: route.fulfill(
            status=403, json=refusal, content_type="application/problem+json"
        ),
    )
    _asking(visitor, data)
    visitor.page.get_by_role("dialog").get_by_role("button", name="Make admin").click()
    expect(visitor.page.get_by_role("dialog", name="Is it you?")).to_be_visible()
    visitor.page.unroute("**/api/users/*/role")


def _last_admin(visitor: Visitor, _: AdminPageData) -> None:
    refusal = {
        "type": "/problems/last-admin",
        "title": "This is the last admin who can sign in",
        "status": 409,
        "detail": "First make another user with a password an admin.",
    }
    visitor.page.route(
        "**/api/users/*/role",
        lambda route: route.fulfill(
            status=409, json=refusal, content_type="application/problem+json"
        ),
    )
    visitor.open("/admin/people?only=admins")
    visitor.page.get_by_text("Change", exact=True).first.click()
    visitor.page.get_by_role("button", name="Make customer").first.click()
    visitor.page.get_by_role("dialog").get_by_role("button", name="Make customer").click()
    expect(visitor.page.get_by_text("This is the last admin")).to_be_visible()
    visitor.page.unroute("**/api/users/*/role")


LOADING: dict[str, OpenState] = {
    "admin-people": at("/admin/people"),
    "admin-people-disabled": at("/admin/people?only=disabled"),
    "admin-people-none": at("/admin/people?search=zzzzzzzz"),
    "admin-people-failed": fails("**/api/users*", "/admin/people"),
}
AFTER_A_PRESS: dict[str, OpenState] = {
    "admin-people-changing": _changing,
    "admin-people-asking": _asking,
    "admin-people-confirming": _confirming,
    "admin-people-last-admin": _last_admin,
}

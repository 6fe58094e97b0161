"""A door pass from its making to its end: an admin at a desk, and a phone without an account."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.admin_page_data import ADMIN, section
from tests.e2e.browser import PHONE, Visitor
from tests.e2e.conftest import OpenVisitor
from tests.e2e.scanner import scan
from tests.e2e.server import Account, ApiClient


@pytest.fixture
def event(admin: ApiClient) -> dict[str, Any]:
    return admin.new_event(title="Both Doors Open", venue="Schreibsaal")


@pytest.fixture
def phone(visit: OpenVisitor) -> Visitor:
    return visit(viewport=PHONE, has_touch=True, is_mobile=True)


def make_pass(visitor: Visitor, event: dict[str, Any], name: str) -> str:
    """Make a pass on the page of its event, and return the link in its QR code."""
    visitor.open(f"/admin/events/{event['id']}")
    visitor.page.get_by_role("link", name="Pass for the door").click()
    visitor.page.get_by_label("Name", exact=True).fill(name)
    visitor.page.get_by_role("button", name="Make a pass").click()
    return scan(visitor.page, "QR code that opens the door")


def open_link(phone: Visitor, link: str) -> None:
    # Away from the page: a link that differs in its fragment only would load nothing.
    phone.page.goto("about:blank")
    phone.page.goto(link)


def check_in(page: Page, code: str, headline: str) -> None:
    field = page.get_by_label("Ticket code")
    field.fill(code)
    field.press("Enter")
    expect(page.locator("mq-verdict-panel .headline")).to_have_text(headline)


def code_of(booking: dict[str, Any]) -> str:
    code: str = booking["tickets"][0]["ticket_code"]
    return code


def test_a_phone_checks_in_with_a_pass_until_it_is_revoked(
    admin: ApiClient, admin_visitor: Visitor, phone: Visitor, event: dict[str, Any]
) -> None:
    other = admin.new_event(title="Next Door")
    guest = admin.new_customer("Wanda Walk-in")
    own, foreign = code_of(admin.book(event, 1, guest)), code_of(admin.book(other, 1, guest))
    link = make_pass(admin_visitor, event, "Main entrance")
    assert re.fullmatch(rf"{phone.address}/door#mqp_[\w-]{{43}}", link)
    sent: list[str] = []
    phone.context.on("request", lambda request: sent.append(request.url))

    open_link(phone, link)

    page = phone.page
    expect(page.get_by_role("heading", level=1, name="Both Doors Open")).to_be_visible()
    assert page.url == f"{phone.address}/door"
    assert not any("mqp_" in url for url in sent)
    expect(page.get_by_text("Opened with the pass")).to_contain_text("Main entrance")
    expect(page.get_by_role("main").get_by_role("link")).to_have_count(0)
    expect(page.get_by_role("navigation")).to_have_count(0)
    check_in(page, own, "Come in")
    check_in(page, foreign, "Wrong event")
    page.reload()
    expect(page.get_by_text("1 of 1 in")).to_be_visible()
    refused = phone.context.request.get(f"{phone.address}/api/events/{other['id']}/door")
    assert refused.status == 403
    for path in (f"/admin/events/{event['id']}", f"/admin/check-in?event={other['id']}"):
        phone.open(path)
        expect(page.get_by_role("heading", level=1, name="Sign in")).to_be_visible()
    page.goto(f"{phone.address}/door")
    expect(page.get_by_label("Ticket code")).to_be_visible()

    passes = section(admin_visitor.page, "Passes and tokens for this event")
    passes.get_by_role("button", name="Revoke Main entrance").click()
    admin_visitor.page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(passes.get_by_text("Main entrance is revoked.")).to_be_visible()

    page.get_by_label("Ticket code").fill(own)
    page.get_by_label("Ticket code").press("Enter")
    expect(page.get_by_role("heading", level=1, name="Signed out")).to_be_visible()
    open_link(phone, link)
    expect(page.get_by_role("heading", level=1, name="This pass is not valid")).to_be_visible()


def test_a_pass_signs_nobody_out_without_asking(
    admin_visitor: Visitor, visit: OpenVisitor, customer: Account, event: dict[str, Any]
) -> None:
    link = make_pass(admin_visitor, event, "Side door")
    visitor = visit(viewport=PHONE)
    visitor.sign_in(customer)

    open_link(visitor, link)

    page = visitor.page
    expect(page.get_by_role("heading", level=1, name="Open a door?")).to_be_visible()
    current = visitor.context.request.get(f"{visitor.address}/api/sessions/current").json()
    assert current["user"]["id"] == customer.id
    page.get_by_role("button", name="Open the door").click()
    expect(page.get_by_role("heading", level=1, name="Both Doors Open")).to_be_visible()
    page.get_by_role("button", name="Leave this door").click()
    expect(page.get_by_role("heading", level=1, name="You have left the door")).to_be_visible()
    current = visitor.context.request.get(f"{visitor.address}/api/sessions/current").json()
    assert (current["user"], current["door"]) == (None, None)


def test_an_admin_makes_a_token_copies_it_and_revokes_it(visit: OpenVisitor) -> None:
    visitor = visit(permissions=["clipboard-read", "clipboard-write"])
    visitor.sign_in(ADMIN)
    page = visitor.page
    visitor.open("/admin")
    page.get_by_role("navigation", name="Admin").get_by_text("Tokens and passes").click()
    page.get_by_role("link", name="New token").click()
    page.get_by_role("button", name="Make token").click()
    expect(page.locator(".field-error")).to_have_count(2)
    page.get_by_label("Name", exact=True).fill("Till 1")
    page.get_by_role("checkbox", name=re.compile("Reports")).check()
    page.get_by_role("button", name="Make token").click()
    page.get_by_role("button", name="Copy secret").click()
    expect(page.get_by_text("The secret is copied.")).to_be_visible()
    secret = page.get_by_label("The new secret").input_value()
    assert page.evaluate("navigator.clipboard.readText()") == secret
    bearer = {"Authorization": f"Bearer {secret}"}
    figures = f"{visitor.address}/api/admin/events"
    visitor.context.clear_cookies()
    assert visitor.context.request.get(figures, headers=bearer).status == 200

    visitor.sign_in(ADMIN)
    page.get_by_role("link", name="Back to all tokens").click()
    expect(page.get_by_text(secret)).to_have_count(0)
    page.get_by_role("button", name="Revoke Till 1").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("Till 1 is revoked.")).to_be_visible()
    visitor.context.clear_cookies()
    assert visitor.context.request.get(figures, headers=bearer).status == 401

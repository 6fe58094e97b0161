"""An admin turns the second factor on, signs in with it, and gives it again for what matters."""

import re
import time

import psycopg
import pyotp
import pytest
from playwright.sync_api import Page, Route, expect

from app.local.postgres import Cluster
from tests.e2e.admin_page_data import section
from tests.e2e.browser import Visitor
from tests.e2e.server import Account, ApiClient, new_phone
from tests.support.databases import OWNER

CODE = "Code of your authenticator app"
HALF_MINUTE = 30


@pytest.fixture
def other_admin(admin: ApiClient) -> Account:
    """An admin whose second factor disturbs no other test."""
    name, phone = "Ada Appleton", new_phone()
    body = {"name": name, "phone": phone, "password": Account.password, "role": "admin"}
    return Account(admin.send("POST", "/users", body)["id"], name, phone)


class App:
    """An authenticator app. It waits for the next half minute, because each code works once."""

    def __init__(self, secret: str) -> None:
        self._totp = pyotp.TOTP(secret)
        self._used = 0

    def code(self) -> str:
        # The code of the next half minute is taken as well, so there is at most one to wait for.
        while (step := max(int(time.time()) // HALF_MINUTE, self._used + 1)) > (
            int(time.time()) // HALF_MINUTE + 1
        ):
            time.sleep(0.2)
        self._used = step
        return self._totp.at(step * HALF_MINUTE)


def sign_in(page: Page, person: Account) -> None:
    page.get_by_label("Phone").fill(person.phone)
    page.get_by_label("Password").fill(person.password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def set_up(page: Page) -> tuple[App, str]:
    """Turn the second factor on; return the app and a recovery code."""
    factor = section(page, "Second factor")
    factor.get_by_role("button", name="Set it up").click()
    expect(factor.get_by_role("img", name="QR code for an authenticator app")).to_be_visible()
    app = App(factor.locator(".secret").inner_text().replace(" ", ""))
    factor.get_by_label("Code of the app").fill("000000")
    factor.get_by_role("button", name="Turn it on").click()
    expect(factor.get_by_text("It is mistyped, too old, or was used already.")).to_be_visible()
    factor.get_by_label("Code of the app").fill(app.code())
    factor.get_by_role("button", name="Turn it on").click()
    codes = factor.get_by_role("listitem")
    expect(codes).to_have_count(10)
    recovery_code = codes.first.inner_text()
    factor.get_by_role("button", name="I have kept them").click()
    expect(factor.get_by_text("10 recovery codes left")).to_be_visible()
    return app, recovery_code


def test_an_admin_signs_in_with_a_second_factor_and_confirms_a_promotion(
    visitor: Visitor, other_admin: Account, customer: Account, cluster: Cluster
) -> None:
    page = visitor.page
    visitor.sign_in(other_admin)
    visitor.open("/account")
    app, recovery_code = set_up(page)
    page.get_by_role("button", name="Sign out", exact=True).last.click()
    expect(page).to_have_url(re.compile(r"/$"))

    # The password alone opens nothing, also after the page is loaded again.
    visitor.open("/admin")
    sign_in(page, other_admin)
    expect(page.get_by_label(CODE)).to_be_visible()
    visitor.open("/admin/people")
    expect(page.get_by_label(CODE)).to_be_visible()
    page.get_by_label(CODE).fill("000000")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("It is mistyped, too old, or was used already.")).to_be_visible()
    page.get_by_label(CODE).fill(app.code())
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="People")).to_be_visible()

    # Later, a promotion needs the password and the second factor again.
    with psycopg.connect(cluster.url("e2e", OWNER), autocommit=True) as db:
        db.execute(
            "UPDATE sessions SET confirmed_at = now() - interval '15 minutes' WHERE user_id = %s",
            [other_admin.id],
        )
    visitor.open(f"/admin/people?search={customer.phone[-9:]}")
    page.get_by_text("Change", exact=True).click()
    page.get_by_role("button", name="Make admin").click()
    page.get_by_role("dialog").get_by_role("button", name="Make admin").click()
    confirming = page.get_by_role("dialog", name="Is it you?")
    confirming.get_by_label("Your own password").fill("not the password")
    confirming.get_by_label(CODE).fill(recovery_code)
    confirming.get_by_role("button", name="Confirm").click()
    expect(confirming.get_by_text("This is not your password.")).to_be_visible()
    confirming.get_by_label("Your own password").fill(other_admin.password)
    confirming.get_by_role("button", name="Confirm").click()

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("is an admin now.")).to_be_visible()
    visitor.open("/account")
    expect(section(page, "Second factor").get_by_text("9 recovery codes left")).to_be_visible()


def test_an_admin_who_needs_a_second_factor_can_open_nothing_else(
    visitor: Visitor, other_admin: Account
) -> None:
    """The server of these tests requires none, so its answer is changed."""

    def require(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, json={**response.json(), "second_factor": "missing"})

    visitor.sign_in(other_admin)
    visitor.page.route("**/api/sessions/current", require)
    for path in ("/admin", "/account", "/bookings"):
        visitor.open(path)
        expect(visitor.page).to_have_url(re.compile("/second-factor$"))
    expect(visitor.page.get_by_text("Set it up once; the pages for admins")).to_be_visible()
    visitor.page.unroute("**/api/sessions/current")
    set_up(visitor.page)
    visitor.page.get_by_role("link", name="Go on to the admin pages").click()
    expect(visitor.page).to_have_url(re.compile("/admin$"))

"""Where one is signed in, and what admins do with accounts."""

import re

import psycopg
from playwright.sync_api import Page, expect

from app.local.postgres import Cluster
from tests.e2e.admin_page_data import ADMIN, section
from tests.e2e.browser import Visitor
from tests.e2e.conftest import OpenVisitor
from tests.e2e.server import Account, ApiClient
from tests.support.databases import OWNER


def sign_in(page: Page, person: Account) -> None:
    page.get_by_label("Phone").fill(person.phone)
    page.get_by_label("Password").fill(person.password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def expect_sign_in_page(page: Page) -> None:
    expect(page.get_by_role("heading", level=1, name="Sign in")).to_be_visible()


def test_a_forgotten_session_is_ended_from_another_browser(
    visitor: Visitor, visit: OpenVisitor, customer: Account
) -> None:
    forgotten = visit()
    forgotten.sign_in(customer)
    forgotten.open("/bookings")
    visitor.sign_in(customer)
    visitor.open("/account")
    sessions = section(visitor.page, "Where you are signed in")
    expect(sessions.get_by_role("listitem")).to_have_count(2)
    expect(sessions.get_by_text("This browser")).to_have_count(1)
    expect(sessions.get_by_text("Chrome on Linux")).to_have_count(2)

    sessions.get_by_role("button", name=re.compile("^Sign out: Chrome on Linux")).click()

    expect(sessions.get_by_text("Signed out: Chrome on Linux.")).to_be_visible()
    expect(sessions.get_by_role("listitem")).to_have_count(1)
    forgotten.page.reload()
    expect_sign_in_page(forgotten.page)
    visitor.open("/account")
    expect(sessions.get_by_role("listitem")).to_have_count(1)


def test_signing_out_everywhere_else_keeps_this_browser(
    visitor: Visitor, visit: OpenVisitor, customer: Account
) -> None:
    others = [visit(), visit()]
    for other in others:
        other.sign_in(customer)
        other.open("/account")
    visitor.sign_in(customer)
    visitor.open("/account")
    sessions = section(visitor.page, "Where you are signed in")

    sessions.get_by_role("button", name="Sign out everywhere else").click()
    dialog = visitor.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Sign out everywhere else").click()

    expect(sessions.get_by_text("You are signed out everywhere else.")).to_be_visible()
    for other in others:
        # A page that is looked at again asks whether its session is there still.
        other.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect_sign_in_page(other.page)
    visitor.open("/account")
    expect(sessions.get_by_role("listitem")).to_have_count(1)


def test_all_tabs_of_an_unused_session_lead_to_the_sign_in_page(
    visitor: Visitor, customer: Account, cluster: Cluster
) -> None:
    visitor.sign_in(customer)
    visitor.open("/account")
    tab = visitor.context.new_page()
    tab.goto(f"{visitor.address}/")
    expect(tab.locator("main h1")).to_be_visible()
    with psycopg.connect(cluster.url("e2e", OWNER), autocommit=True) as db:
        db.execute(
            "UPDATE sessions SET created_at = now() - interval '20 days',"
            " last_seen_at = now() - interval '14 days' WHERE user_id = %s",
            [customer.id],
        )

    # One tab finds that the session is over. The other hears it and shows nothing of it any longer.
    tab.get_by_role("link", name="My bookings").click()

    expect(tab.get_by_text("You are signed out")).to_be_visible()
    expect_sign_in_page(visitor.page)


def test_an_admin_disables_an_account_and_enables_it_again(
    admin_visitor: Visitor, visit: OpenVisitor, admin: ApiClient
) -> None:
    person = admin.new_customer("Mallory Misuse")
    theirs = visit()
    theirs.sign_in(person)
    theirs.open("/account")
    page = admin_visitor.page
    admin_visitor.open("/admin")
    page.get_by_role("link", name="People", exact=True).click()
    # The page before this one has a field of that name as well.
    expect(page.get_by_role("heading", level=1, name="People")).to_be_visible()
    page.get_by_label("Search").fill("mallory mis")
    row = page.get_by_role("listitem").filter(has_text="Mallory Misuse")
    expect(page.locator("main li h2")).to_have_count(1)
    row.get_by_text("Change", exact=True).click()

    row.get_by_role("button", name="Disable account").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Bookings and tickets stay valid.")
    dialog.get_by_role("button", name="Disable account").click()

    expect(row.get_by_text(re.compile("Disabled since"))).to_be_visible()
    theirs.page.reload()
    expect_sign_in_page(theirs.page)
    sign_in(theirs.page, person)
    expect(
        theirs.page.get_by_text(
            "There is no account with this phone or mail address and this password."
        )
    ).to_be_visible()
    page.get_by_role("button", name="Disabled", exact=True).click()
    expect(page).to_have_url(re.compile("only=disabled"))
    # The row is open still.
    row.get_by_role("button", name="Enable account").click()
    dialog.get_by_role("button", name="Enable account").click()
    expect(row.get_by_text(re.compile("Disabled since"))).to_have_count(0)
    sign_in(theirs.page, person)
    expect(theirs.page.get_by_role("link", name="Your account")).to_be_visible()


def test_an_admin_makes_another_admin_who_gives_the_role_up(
    admin_visitor: Visitor, visit: OpenVisitor, admin: ApiClient
) -> None:
    person = admin.new_customer("Olga Organiser")
    page = admin_visitor.page
    admin_visitor.open("/admin/people?search=olga")
    row = page.get_by_role("listitem").filter(has_text="Olga Organiser")
    row.get_by_text("Change", exact=True).click()
    row.get_by_role("button", name="Make admin").click()
    page.get_by_role("dialog").get_by_role("button", name="Make admin").click()
    expect(row.get_by_text("Admin", exact=True)).to_be_visible()

    olga = visit()
    olga.sign_in(person)
    olga.open("/admin/people?only=admins")
    own = olga.page.get_by_role("listitem").filter(has_text="(you)")
    own.get_by_text("Change", exact=True).click()
    own.get_by_role("button", name="Make customer").click()
    dialog = olga.page.get_by_role("dialog")
    expect(dialog).to_contain_text("You cannot undo this yourself.")
    dialog.get_by_role("button", name="Make customer").click()

    expect_sign_in_page(olga.page)
    sign_in(olga.page, person)
    expect(olga.page.get_by_role("heading", level=1, name="For admins only")).to_be_visible()


def test_the_last_admin_stays(admin_visitor: Visitor, admin: ApiClient) -> None:
    others = [
        user["id"]
        for user in admin.get("/users?only=admins")["items"]
        if user["phone"] != ADMIN.phone
    ]
    for other in others:
        admin.send("PUT", f"/users/{other}/disabled", {"disabled": True})
    page = admin_visitor.page
    admin_visitor.open("/admin/people?only=admins")
    row = page.get_by_role("listitem").filter(has_text="(you)")
    row.get_by_text("Change", exact=True).click()

    row.get_by_role("button", name="Disable account").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Disable account").click()

    expect(dialog.get_by_text("This is the last admin who can sign in")).to_be_visible()
    dialog.get_by_role("button", name="Never mind").click()
    admin_visitor.open("/admin/people?only=admins")
    expect(row).to_be_visible()
    for other in others:
        admin.send("PUT", f"/users/{other}/disabled", {"disabled": False})

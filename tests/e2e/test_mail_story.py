"""A mail address: added, confirmed, used for a forgotten password, and unsubscribed."""

import time
from email.message import EmailMessage
from urllib.parse import urlsplit

import httpx2
import psycopg
from playwright.sync_api import Page, expect

from app.local.postgres import Cluster
from tests.e2e.browser import Visitor
from tests.e2e.conftest import OpenVisitor
from tests.e2e.server import Account, ApiClient
from tests.support.databases import OWNER
from tests.support.mail_server import Postbox, text_of

NEW_PASSWORD = "another curtain"
MAIL_SECONDS = 30


def mail_to(postbox: Postbox, address: str, subject: str) -> EmailMessage:
    """Wait for a mail and take it out of the postbox."""
    deadline = time.monotonic() + MAIL_SECONDS
    while time.monotonic() < deadline:
        for mail in postbox.mails:
            if mail["To"] == address and subject in mail["Subject"]:
                postbox.mails.remove(mail)
                return mail
        time.sleep(0.1)
    raise AssertionError(f"no mail to {address} about {subject!r}")


def link_in(mail: EmailMessage) -> str:
    return next(word for word in text_of(mail).split() if "token=" in word)


def expect_no_token(page: Page) -> None:
    assert "token" not in page.url
    assert "token" not in page.evaluate("JSON.stringify(history.state) + document.referrer")


def verified(visitor: Visitor, postbox: Postbox, customer: Account, email: str) -> None:
    """Add an address on the account page, and open the link in its mail."""
    page = visitor.page
    visitor.open("/")
    page.get_by_role("link", name="Your account").click()
    expect(page.get_by_role("heading", level=1, name="Your account")).to_be_visible()
    page.get_by_label("E-mail address", exact=True).fill(email)
    page.get_by_label("Your password").fill("not my password")
    page.get_by_role("button", name="Save and send the mail").click()
    expect(page.get_by_text("This is not your password.")).to_be_visible()
    page.get_by_label("Your password").fill(customer.password)
    page.get_by_role("button", name="Save and send the mail").click()
    expect(page.get_by_text(f"We have sent a mail to {email}.")).to_be_visible()
    expect(page.get_by_text("Not confirmed yet")).to_be_visible()

    link = link_in(mail_to(postbox, email, "Confirm your mail address"))
    page.goto(link)
    expect(page.get_by_role("button", name="Confirm the address")).to_be_visible()
    expect_no_token(page)
    page.get_by_role("button", name="Confirm the address").click()
    expect(page.get_by_role("heading", level=1, name="Address confirmed")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Your account").click()
    mail = page.get_by_role("region", name="E-mail")
    expect(mail.get_by_text("Confirmed", exact=True)).to_be_visible()
    # The link is used up.
    page.goto(link)
    page.get_by_role("button", name="Confirm the address").click()
    expect(page.get_by_text("This link is not valid")).to_be_visible()


def test_an_address_is_confirmed_and_resets_a_forgotten_password(
    visitor: Visitor, visit: OpenVisitor, customer: Account, postbox: Postbox
) -> None:
    email = f"story-{customer.id}@example.org"
    visitor.sign_in(customer)
    verified(visitor, postbox, customer, email)
    visitor.open("/account")

    forgetful = visit()
    page = forgetful.page
    forgetful.open("/sign-in")
    page.get_by_role("link", name="Forgotten your password?").click()
    # The page before it has a field of the same name.
    expect(page.get_by_role("heading", level=1, name="Forgotten your password?")).to_be_visible()
    page.get_by_label("Phone or e-mail address").fill(email.upper())
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", level=1, name="Look into your mail")).to_be_visible()
    page.goto(link_in(mail_to(postbox, email, "Set a new password")))
    expect(page.get_by_label("New password", exact=True)).to_be_visible()
    expect_no_token(page)
    page.get_by_label("New password", exact=True).fill("short")
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_text("Use at least 8 characters.")).to_be_visible()
    page.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    forgetful.context.set_offline(True)
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_text("No connection")).to_be_visible()
    forgetful.context.set_offline(False)
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_role("heading", level=1, name="Your password is changed")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    page.get_by_label("Phone").fill(customer.phone)
    page.get_by_label("Password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("link", name="Your account")).to_be_visible()

    # The session from before is over.
    visitor.page.reload()
    expect(visitor.page.get_by_role("heading", level=1, name="Sign in")).to_be_visible()


def test_other_tabs_of_the_browser_follow_a_new_password(
    visitor: Visitor, customer: Account, postbox: Postbox
) -> None:
    email = f"tabs-{customer.id}@example.org"
    visitor.sign_in(customer)
    verified(visitor, postbox, customer, email)
    visitor.open("/bookings")
    tab = visitor.context.new_page()
    tab.goto(f"{visitor.address}/forgot-password")
    tab.get_by_label("Phone or e-mail address").fill(customer.phone)
    tab.get_by_role("button", name="Send the link").click()
    expect(tab.get_by_role("heading", level=1, name="Look into your mail")).to_be_visible()
    tab.goto(link_in(mail_to(postbox, email, "Set a new password")))
    tab.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    tab.get_by_role("button", name="Set the password").click()
    expect(tab.get_by_role("heading", level=1, name="Your password is changed")).to_be_visible()
    expect(visitor.page.get_by_role("heading", level=1, name="Sign in")).to_be_visible()


def test_one_press_in_a_mail_program_ends_optional_mail(
    visitor: Visitor, customer: Account, postbox: Postbox, admin: ApiClient, cluster: Cluster
) -> None:
    email = f"press-{customer.id}@example.org"
    visitor.sign_in(customer)
    verified(visitor, postbox, customer, email)
    event = admin.new_event(title="An Evening of Mail")
    admin.book(event, 1, customer)
    with psycopg.connect(cluster.url("e2e", OWNER), autocommit=True) as db:
        db.execute(
            "SELECT send_event_message(%s, 'Doors open earlier.', 'mail-story',"
            " (SELECT min(id) FROM users WHERE role = 'admin'))",
            [event["id"]],
        )
    mail = mail_to(postbox, email, "A message about An Evening of Mail")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = mail["List-Unsubscribe"].strip("<>")

    # Opening it in a browser shows a button, and changes nothing.
    page = visitor.page
    page.goto(url)
    expect(page.get_by_role("button", name="Unsubscribe")).to_be_visible()
    assert urlsplit(page.url).query == ""
    expect_no_token(page)
    visitor.open("/account")
    optional = page.get_by_label("Also send me reminders")
    expect(optional).to_be_checked()

    headers = {"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"}
    form = {"List-Unsubscribe": "One-Click"}
    assert httpx2.post(url, data=form, headers=headers, trust_env=False).status_code == 200
    visitor.open("/account")
    expect(optional).not_to_be_checked()
    optional.check()
    expect(page.get_by_text("Saved.")).to_be_visible()

    page.goto(url)
    page.get_by_role("button", name="Unsubscribe").click()
    expect(page.get_by_role("heading", level=1, name="You are unsubscribed")).to_be_visible()
    visitor.open("/account")
    expect(optional).not_to_be_checked()

"""Without network the site opens, with the bookings of the person who is signed in there."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.admin_page_data import ADMIN
from tests.e2e.browser import Visitor
from tests.e2e.conftest import OpenVisitor
from tests.e2e.scanner import scan
from tests.e2e.server import Account, ApiClient

# Everything that a site can keep on a device, as text.
KEPT = """async () => {
  const kept = { storage: { ...localStorage }, caches: {} };
  for (const name of await caches.keys()) {
    const requests = await (await caches.open(name)).keys();
    kept.caches[name] = requests.map(({ url }) => new URL(url).pathname);
  }
  kept.databases = (await indexedDB.databases()).map(({ name }) => name);
  return JSON.stringify(kept);
}"""
# An evaluation has no time limit, and `ready` may never settle.
WORKER_READY = """Promise.race([
  navigator.serviceWorker.ready.then(() => null),
  new Promise((_, fail) => setTimeout(() => fail(new Error('no service worker')), 15_000)),
])"""
FROM_DEVICE = re.compile(r"shown from this device, as it was on \w+, \d+ \w+ \d{4}, \d\d:\d\d")


@pytest.fixture
def booking(admin: ApiClient, customer: Account) -> Any:
    """A booking of two tickets."""
    return admin.book(admin.new_event(title="Cellar Session"), 2, customer)


@pytest.fixture
def guest(visit: OpenVisitor, customer: Account, booking: Any) -> Visitor:
    """A customer who has opened My bookings once, with a booking in it."""
    visitor = visit(service_workers="allow")
    visitor.sign_in(customer)
    visitor.open("/bookings")
    expect(visitor.page.get_by_role("link", name="Cellar Session", exact=True)).to_be_visible()
    visitor.page.evaluate(WORKER_READY)
    assert booking["tickets"][0]["ticket_code"] in kept_on_device(visitor.page)
    return visitor


def kept_on_device(page: Page) -> str:
    text: str = page.evaluate(KEPT)
    return text


def test_tickets_open_after_a_reload_and_in_a_fresh_tab(guest: Visitor, booking: Any) -> None:
    page = guest.page
    guest.context.set_offline(True)
    page.reload()
    expect(page.get_by_text(FROM_DEVICE)).to_be_visible()
    page.get_by_role("link", name="Show 2 tickets for Cellar Session").click()
    expect(page.get_by_text(FROM_DEVICE)).to_be_visible()
    assert scan(page, "QR code of ticket 1 of 2") == booking["tickets"][0]["ticket_code"]

    fresh = guest.context.new_page()
    fresh.goto(f"{guest.address}/bookings/{booking['id']}")
    expect(fresh.get_by_text(FROM_DEVICE)).to_be_visible()
    assert scan(fresh, "QR code of ticket 2 of 2") == booking["tickets"][1]["ticket_code"]
    expect(fresh.get_by_role("article").first).to_contain_text("Kim Example")

    guest.context.set_offline(False)
    fresh.get_by_role("button", name="Try again").click()
    expect(fresh.get_by_text(FROM_DEVICE)).to_have_count(0)
    expect(fresh.get_by_role("heading", level=1, name="Your tickets")).to_be_visible()


def test_pages_that_are_not_kept_say_that_there_is_no_connection(guest: Visitor) -> None:
    guest.context.set_offline(True)
    page = guest.page
    page.goto(f"{guest.address}/bookings/1")
    expect(page.get_by_text("No connection")).to_be_visible()
    page.goto(f"{guest.address}/")
    expect(page.get_by_text("No connection")).to_be_visible()
    with pytest.raises(Exception, match="ERR_INTERNET_DISCONNECTED"):
        page.goto(f"{guest.address}/admin")
    guest.context.set_offline(False)
    guest.open("/bookings")


def test_signing_out_removes_the_bookings(guest: Visitor, booking: Any) -> None:
    page = guest.page
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("banner").get_by_role("link", name="Sign in")).to_be_visible()
    kept = kept_on_device(page)
    for private in ("Cellar Session", "Kim Example", booking["tickets"][0]["ticket_code"]):
        assert private not in kept
    guest.context.set_offline(True)
    page.goto(f"{guest.address}/bookings/{booking['id']}")
    expect(page.get_by_role("heading", level=1, name="Sign in")).to_be_visible()


def test_another_account_finds_nothing_of_the_previous_one(
    guest: Visitor, admin: ApiClient, booking: Any
) -> None:
    other = admin.new_customer("Olga Other")
    guest.sign_in(other)
    guest.open("/")
    expect(guest.page.get_by_text("Olga Other")).to_be_visible()
    kept = kept_on_device(guest.page)
    assert "Olga Other" in kept
    assert "Cellar Session" not in kept
    assert booking["tickets"][0]["ticket_code"] not in kept


def test_an_admin_keeps_nothing_of_customers(visit: OpenVisitor, booking: Any) -> None:
    visitor = visit(service_workers="allow")
    visitor.sign_in(ADMIN)
    page = visitor.page
    visitor.open("/admin")
    page.evaluate(WORKER_READY)
    visitor.open(f"/admin/events/{booking['event_id']}")
    expect(page.get_by_text("Kim Example")).to_be_visible()
    visitor.open(f"/bookings/{booking['id']}")
    expect(page.get_by_role("heading", level=3, name="Cellar Session").first).to_be_visible()
    kept = kept_on_device(page)
    for private in ("Kim Example", "Cellar Session", booking["tickets"][0]["ticket_code"]):
        assert private not in kept
    [paths] = json.loads(kept)["caches"].values()
    assert not [path for path in paths if path.startswith(("/api", "/admin"))]


def test_a_new_build_replaces_the_cache_of_the_one_before(guest: Visitor) -> None:
    page = guest.page
    page.evaluate("caches.open('marquee-of-long-ago').then(() => null)")
    current = page.evaluate("caches.keys()")
    assert len(current) == 2
    page.evaluate("navigator.serviceWorker.getRegistration().then((worker) => worker.unregister())")
    guest.open("/bookings")
    page.evaluate(WORKER_READY)
    page.wait_for_function("caches.keys().then((names) => names.length === 1)")
    assert "marquee-of-long-ago" not in page.evaluate("caches.keys()")

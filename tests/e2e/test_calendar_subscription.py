"""A customer lets a calendar program follow the bookings, and stops it."""

import urllib.error
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import Visitor
from tests.e2e.conftest import OpenVisitor
from tests.e2e.server import ApiClient
from tests.support.calendars import read_calendar


def titles_at(address: str) -> list[str]:
    """Return the titles of the entries that a calendar program finds."""
    with urllib.request.urlopen(address) as response:
        return [entry.title for entry in read_calendar(response.read())]


def status_at(address: str) -> int:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(address)
    refused.value.close()
    return refused.value.code


@pytest.fixture
def concert(admin: ApiClient) -> dict[str, Any]:
    return admin.new_event(title="Trio for Four Hands")


def test_subscribe_replace_and_stop(
    visit: OpenVisitor, admin: ApiClient, concert: dict[str, Any]
) -> None:
    visitor = visit(permissions=["clipboard-read", "clipboard-write"])
    page = visitor.page
    person = admin.new_customer()
    admin.book(concert, 2, person)
    visitor.sign_in(person)
    visitor.open("/bookings")

    page.get_by_role("button", name="Subscribe in your calendar").click()
    expect(page.get_by_role("heading", name="Your calendar")).to_be_focused()
    field = page.get_by_label("Your private address")
    address = field.input_value()
    assert titles_at(address) == ["Trio for Four Hands"]
    link = page.get_by_role("link", name="Open in your calendar program")
    assert link.get_attribute("href") == "webcal:" + address.partition(":")[2]
    page.get_by_role("button", name="Copy address").click()
    expect(page.get_by_text("The address is copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == address

    visitor.open("/bookings")
    expect(page.get_by_text("You have had an address since")).to_be_visible()
    expect(field).to_be_hidden()
    page.get_by_role("button", name="New address").click()
    expect(field).to_be_visible()
    second = field.input_value()
    assert status_at(address) == 404
    assert titles_at(second) == ["Trio for Four Hands"]

    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Subscribe in your calendar")).to_be_visible()
    expect(field).to_be_hidden()
    assert status_at(second) == 404


def test_an_event_is_added_before_booking(visitor: Visitor, concert: dict[str, Any]) -> None:
    visitor.open(f"/events/{concert['id']}")
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("link", name="Add to calendar").click()
    assert download.value.suggested_filename == f"marquee-event-{concert['id']}.ics"
    (entry,) = read_calendar(download.value.path().read_bytes())
    assert entry.title == "Trio for Four Hands"
